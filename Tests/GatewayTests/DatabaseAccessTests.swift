import API
import Foundation
import Manifests
import Testing

@testable import Gateway

/// What a log-in lacks, before anybody logs in.
struct DatabaseAccessTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/clinic-db", withIntermediateDirectories: true)
    }

    private func write(_ text: String, to file: String) throws {
        try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
    }

    /// Of a connection with that `upstream`.
    private func faults(_ upstream: String = "{host: db}") throws -> [String] {
        let text = SampleConnection.manifest.replacing("upstream: {host: db}", with: "upstream: \(upstream)")
        let manifests = try ManifestSet.read(
            [ManifestFile(path: "main.yaml", bytes: Array(text.utf8))], namespace: "clinic")
        return manifests.connections.flatMap { connection in
            DatabaseAccess(to: connection, secrets: folder).secretFaults().map { $0.description }
        }
    }

    @Test func `each key of the credential is looked at by itself, and none is shown`() throws {
        let missing = [
            "secret clinic-db has no readable key username", "secret clinic-db has no readable key password",
        ]
        #expect(try faults() == missing)
        try write("weir", to: "clinic-db/username")
        #expect(try faults() == [missing[1]])
        try write("\n", to: "clinic-db/password")
        #expect(try faults() == ["key password of secret clinic-db is empty"])
        try write("s3cret", to: "clinic-db/password")
        #expect(try faults().isEmpty)
    }

    @Test func `a certificate may stand for the password wherever it can be shown`() throws {
        try write("weir", to: "clinic-db/username")
        let tls = "tls: {caConfigMapRef: {name: authority}, clientCertificateSecretRef: {name: clinic-tls}}"
        let certificate = [
            "secret authority has no readable key ca.crt", "secret clinic-tls has no readable key tls.crt",
            "secret clinic-tls has no readable key tls.key",
        ]
        #expect(try faults("{host: db, \(tls)}") == certificate)
        let password = "secret clinic-db has no readable key password"
        #expect(try faults("{host: /run/postgresql, \(tls)}") == [password])
        #expect(
            try faults("{hosts: [{host: db}, {host: /run/postgresql}], \(tls)}") == [password] + certificate)
    }
}
