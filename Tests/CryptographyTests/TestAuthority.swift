import Cryptography
import Foundation

/// A certificate authority of the test's own, kept in a temporary folder by the `openssl` command.
final class TestAuthority {
    let certificatePEM: [UInt8]
    private let folder: URL

    /// A new authority; `key` is what `openssl req -newkey` takes.
    init(key: String = "ec -pkeyopt ec_paramgen_curve:P-256") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.openssl(
            in: folder,
            "req -x509 -newkey \(key) -nodes -days 2"
                + " -keyout ca.key -out ca.pem -subj /CN=authority")
        certificatePEM = try Array(Data(contentsOf: folder.appending(path: "ca.pem")))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A new key and its certificate for `names`, such as `DNS:db.test,IP:192.0.2.1`; expired where `days` is
    /// below zero.
    func issue(
        names: String, days: Int = 2, key: String = "ec -pkeyopt ec_paramgen_curve:P-256",
        digest: String = "sha256"
    ) throws -> TLSContext.Identity {
        try "subjectAltName=\(names)".write(
            to: folder.appending(path: "extensions"), atomically: true, encoding: .utf8)
        try Self.openssl(
            in: folder, "req -new -newkey \(key) -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf")
        try Self.openssl(
            in: folder,
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days \(days) -\(digest)"
                + " -extfile extensions -out leaf.pem")
        return TLSContext.Identity(
            certificateChainPEM: try Array(Data(contentsOf: folder.appending(path: "leaf.pem"))),
            privateKeyPEM: try Array(Data(contentsOf: folder.appending(path: "leaf.key"))))
    }

    /// The authority's own certificate, for a server that is its own authority.
    func selfSigned() throws -> TLSContext.Identity {
        TLSContext.Identity(
            certificateChainPEM: certificatePEM,
            privateKeyPEM: try Array(Data(contentsOf: folder.appending(path: "ca.key"))))
    }

    /// The digest `openssl` computes of the certificate, lower-case hexadecimal.
    func fingerprint(of identity: TLSContext.Identity, digest: String) throws -> String {
        try Data(identity.certificateChainPEM).write(to: folder.appending(path: "fingerprint.pem"))
        let output = try Self.openssl(in: folder, "x509 -in fingerprint.pem -noout -fingerprint -\(digest)")
        return String(output.split(separator: "=")[1]).filter(\.isHexDigit).lowercased()
    }

    @discardableResult
    private static func openssl(in folder: URL, _ arguments: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailure(arguments: arguments) }
        return String(decoding: text, as: UTF8.self)
    }
}

struct OpenSSLFailure: Error {
    let arguments: String
}
