import Cryptography
import Foundation
import Kubernetes
import Logging
import Manifests
import Session
import Testing

@testable import API
@testable import Gateway
@testable import Identity
@testable import WireProtocols

/// Who a client may be.
struct DirectoryTests {
    private let connection: DatabaseConnection
    private let configuration: GatewayConfiguration
    private let directory: Directory

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let users = "\(folder)/people"
        try FileManager.default.createDirectory(atPath: users, withIntermediateDirectories: true)
        try "secret".write(toFile: "\(users)/ann", atomically: false, encoding: .utf8)
        connection = try SampleConnection.manifests().connections[0]
        configuration = GatewayConfiguration(
            manifests: folder, namespace: "clinic", secrets: folder, data: folder, sink: "", name: "",
            listenAddresses: [], clientTLS: nil, requiresTLS: false, users: "people", userGroups: [:],
            workload: nil, logLevel: .info)
        directory = Directory(configuration, mockSecret: [UInt8](repeating: 1, count: 32))
    }

    private func lookUp(
        _ user: String, in directory: Directory? = nil
    ) -> (
        credential: ClientCredential, subject: Subject?, refusal: DiagnosticFields?
    ) {
        let startup = ClientStartup(
            version: .oldest, user: Array(user.utf8), database: [], replication: nil, parameters: [],
            isEncrypted: false)
        return (directory ?? self.directory).credential(for: startup, isLocal: true, of: connection)
    }

    private func write(_ password: String, of user: String) throws {
        try password.write(
            toFile: "\(configuration.secrets)/people/\(user)", atomically: false, encoding: .utf8)
    }

    private func revoke(_ subjects: [String], in directory: Directory? = nil) {
        var list = RevocationList()
        for subject in subjects {
            _ = list.insert(Revocation(.subject(subject), reason: "", author: "", time: 0))
        }
        let line = IdentityAuthority(revocations: list).line.rendered
        #expect((directory ?? self.directory).take(authority: line))
    }

    /// Of a pod that an operator attests.
    private func sidecar() -> Directory {
        var configuration = configuration
        configuration.workload = GatewayConfiguration.Workload(name: "api", groups: [])
        configuration.controlPlane = GatewayConfiguration.ControlPlane(
            url: "https://operator", certificateAuthorities: "", token: "")
        return Directory(configuration, mockSecret: [UInt8](repeating: 1, count: 32))
    }

    private func pod(ownedBy owner: String? = nil) -> AttestedWorkload {
        AttestedWorkload(namespace: "clinic", serviceAccount: "api", pod: "api-0", uid: "u", owner: owner)
    }

    @Test func `a revoked user may not come in, and is told so for the password alone`() {
        #expect(lookUp("ann").refusal == nil)
        revoke(["ann", "nobody"])
        let (credential, subject, refusal) = lookUp("ann")
        #expect(
            refusal == DiagnosticFields(.fatal, sqlState: "28000", message: "the identity is revoked"))
        // Until then the exchange is what everybody gets.
        guard case .scram = credential else {
            Issue.record("no exchange")
            return
        }
        #expect(subject?.name == "ann")
        #expect(lookUp("nobody").credential == .unknown)
        #expect(lookUp("nobody").refusal == nil)
        revoke([])
        #expect(lookUp("ann").refusal == nil)
    }

    @Test func `a user's salt and count are those that the stand-in would have`() throws {
        guard case .scram(let verifier) = lookUp("ann").credential else {
            Issue.record("no exchange")
            return
        }
        let mock = SCRAMVerifier(
            mockFor: Array("ann".utf8), secret: [UInt8](repeating: 1, count: 32))
        #expect(verifier.salt == mock.salt)
        #expect(verifier.iterations == mock.iterations)
    }

    @Test func `verifiers are made before the first log-in, and with each change of the users`() throws {
        #expect(directory.verifiers.keys.sorted() == ["ann"])
        let first = directory.verifiers["ann"]?.verifier
        try write("other", of: "ann")
        try write("word", of: "bob")
        try write("word", of: "carl")
        directory.deriveVerifiers(atMost: 2)
        #expect(directory.verifiers.keys.sorted() == ["ann", "bob"])
        #expect(directory.verifiers["ann"]?.verifier != first)
        directory.deriveVerifiers(atMost: 2)
        #expect(directory.verifiers.keys.sorted() == ["ann", "bob", "carl"])
        try FileManager.default.removeItem(atPath: "\(configuration.secrets)/people/ann")
        directory.deriveVerifiers(atMost: 2)
        #expect(directory.verifiers.keys.sorted() == ["bob", "carl"])
        #expect(lookUp("ann").credential == .unknown)
    }

    @Test func `a workload's sessions end when its connection takes none like it any more`() throws {
        let directory = sidecar()
        directory.attested(pod())
        let subject = try #require(lookUp("anyone", in: directory).subject)
        #expect(directory.end(of: subject, nil, with: connection) == nil)
        var closed = connection
        closed.spec.identity.workload = false
        #expect(directory.end(of: subject, nil, with: closed) == .unaccepted)
        var strict = connection
        strict.spec.identity.requireWorkloadOwner = true
        #expect(directory.end(of: subject, nil, with: strict) == .unaccepted)
        directory.attested(pod(ownedBy: "people:ann"))
        #expect(directory.end(of: subject, nil, with: strict) == nil)
    }

    @Test func `a workload's sessions end with whoever answers for it now, as with whoever did`() throws {
        let directory = sidecar()
        directory.attested(pod(ownedBy: "people:ann"))
        let subject = try #require(lookUp("anyone", in: directory).subject)
        directory.attested(pod(ownedBy: "people:bob"))
        #expect(directory.end(of: subject, nil, with: connection) == nil)
        for name in ["people:bob", "people:ann", "system:serviceaccount:clinic:api"] {
            revoke([name], in: directory)
            #expect(directory.end(of: subject, nil, with: connection) == .revoked)
        }
    }

    @Test func `a pod that the operator refuses once has no new sessions, and when refused again none`()
        throws
    {
        let directory = sidecar()
        directory.attested(pod())
        let subject = try #require(lookUp("anyone", in: directory).subject)
        directory.attested(nil)
        #expect(lookUp("anyone", in: directory).subject == nil)
        #expect(directory.end(of: subject, nil, with: connection) == nil)
        directory.attested(pod())
        #expect(lookUp("anyone", in: directory).subject == subject)
        directory.attested(nil)
        #expect(directory.end(of: subject, nil, with: connection) == nil)
        directory.attested(nil)
        #expect(directory.end(of: subject, nil, with: connection) == .unaccepted)
    }

    @Test func `a user of the gateway's own ends by revocation alone`() {
        let user = Subject(name: "ann", groups: [], proof: .gatewayUser)
        var closed = connection
        closed.spec.identity.workload = false
        #expect(directory.end(of: user, nil, with: closed) == nil)
        revoke(["ann"])
        #expect(directory.end(of: user, nil, with: closed) == .revoked)
    }
}
