import API
import Cryptography
import WireProtocols

/// Who a client may be, and how it has to prove it.
final class Directory {
    /// Most verifiers kept; each costs a client's and the gateway's key derivation to make again.
    private static let verifierLimit = 4096

    private let secrets: SecretFolder
    /// Secret of the gateway's own users.
    private let users: String?
    private let groups: [String: [String]]
    /// `nil`: clients of this machine are nobody without a password.
    private var workload: GatewayConfiguration.Workload?
    /// Random; makes each user's salt, also those of users there are not.
    let mockSecret: [UInt8]
    private var verifiers: [String: (password: [UInt8], verifier: SCRAMVerifier)] = [:]

    init(_ configuration: GatewayConfiguration, mockSecret: [UInt8]) {
        secrets = SecretFolder(path: configuration.secrets)
        users = configuration.users
        groups = configuration.userGroups
        workload = configuration.workload
        self.mockSecret = mockSecret
    }

    /// The pod's identity as the operator proved it counts before what the gateway was told, from the next log-in on.
    func attested(_ proven: GatewayConfiguration.Workload) {
        if workload != nil { workload = proven }
    }

    /// A user of the gateway's own proves a password; everybody else on this machine is the workload.
    /// A client that `isLocal` came over the loopback interface or a socket of this machine.
    func credential(for startup: ClientStartup, isLocal: Bool) -> (
        credential: ClientCredential, subject: Subject?
    ) {
        let name = String(decoding: startup.user, as: UTF8.self)
        if let users, let password = try? secrets.read(SecretKeyReference(name: users, key: name)) {
            guard let verifier = verifier(of: name, password) else { return (.unknown, nil) }
            return (.scram(verifier), Subject(name: name, groups: groups[name] ?? [], proof: .gatewayUser))
        }
        if let workload, isLocal {
            return (.trusted, Subject(name: workload.name, groups: workload.groups, proof: .workload))
        }
        return (.unknown, nil)
    }

    /// Salted as the stand-in for an unknown user would be, so that the salt tells nothing.
    private func verifier(of user: String, _ password: [UInt8]) -> SCRAMVerifier? {
        if let known = verifiers[user], known.password == password { return known.verifier }
        let mock = SCRAMVerifier(mockFor: Array(user.utf8), secret: mockSecret)
        guard let verifier = try? SCRAMVerifier(password: password, salt: mock.salt) else { return nil }
        if verifiers.count >= Self.verifierLimit { verifiers.removeAll() }
        verifiers[user] = (password, verifier)
        return verifier
    }
}
