import API
import Cryptography
import Identity
import Manifests
import Session
import WireProtocols

/// Who a client may be, and how it has to prove it.
final class Directory {
    /// Most verifiers kept; each costs a client's and the gateway's key derivation to make again.
    private static let verifierLimit = 4096
    /// Most verifiers made at a time, each in about 2 ms, which sessions wait for.
    static let derivationLimit = 32

    /// Seconds between two reports of the workload's use of a connection, at most.
    private static let workloadInterval: Int64 = 3600

    private let secrets: SecretFolder
    /// Secret of the gateway's own users.
    private let users: String?
    private let groups: [String: [String]]
    private var pod: AttestedPod
    private var authority: KnownAuthority
    private let clock = SteadyClock()
    private var uses = IdentityUses()
    /// When the operator was last told of the workload's use of a connection.
    private var workloadTold: [String: Int64] = [:]
    /// Makes each user's salt, also those of users there are not.
    let mockSecret: [UInt8]
    private(set) var verifiers: [String: (password: [UInt8], verifier: SCRAMVerifier)] = [:]

    init(_ configuration: GatewayConfiguration, mockSecret: [UInt8]) {
        secrets = SecretFolder(path: configuration.secrets)
        users = configuration.users
        groups = configuration.userGroups
        pod = AttestedPod(configuration)
        authority = KnownAuthority(
            data: configuration.data, hasOperator: configuration.controlPlane != nil, at: clock.now())
        self.mockSecret = mockSecret
        deriveVerifiers(atMost: Self.derivationLimit)
    }

    // MARK: - What the operator says

    /// Who the pod is, from the next log-in on; `nil`: the operator refuses it.
    func attested(_ workload: AttestedWorkload?) {
        if let workload { pod.attested(workload) } else { pod.refused() }
    }

    /// - Returns: whether the line is one.
    func take(authority line: [UInt8]) -> Bool { authority.take(line: line, at: clock.now()) }

    func authorityConfirmed(_ revision: String) { authority.confirmed(revision, at: clock.now()) }

    /// Whether it is known who the clients of this machine are, if they may be the workload at all.
    var isWorkloadKnown: Bool { !pod.isExpected || pod.subject != nil }

    /// Whether tokens and grants can be judged.
    var isAuthorityKnown: Bool { authority.isKnown }

    // MARK: - Who somebody is

    /// A user of the gateway's own proves a password; everybody else on this machine is the workload, where the
    /// connection allows that; and the rest has to show a token, where it accepts any.
    /// A client that `isLocal` came over the loopback interface or a socket of this machine.
    /// - Returns: also why the client may not come in although it proves to be the subject; `nil`: it may. It is for
    ///   nobody who has not proven that, or strangers could find out which users there are.
    func credential(for startup: ClientStartup, isLocal: Bool, of connection: DatabaseConnection) -> (
        credential: ClientCredential, subject: Subject?, refusal: DiagnosticFields?
    ) {
        let name = String(decoding: startup.user, as: UTF8.self)
        if let users, let password = try? secrets.read(SecretKeyReference(name: users, key: name)) {
            guard let verifier = verifier(of: name, password) else { return (.unknown, nil, nil) }
            let user = Subject(name: name, groups: groups[name] ?? [], proof: .gatewayUser)
            let isRevoked = authority.isRevoked(user, nil, at: clock.now())
            return (.scram(verifier), user, isRevoked ? Self.refusal("28000", Self.revoked) : nil)
        }
        let identity = connection.spec.identity
        if pod.isExpected, isLocal, identity.workload {
            guard let workload = pod.subject else {
                let refusal = Self.refusal("57P03", "the operator has not attested this workload")
                return (.refused(refusal), nil, nil)
            }
            if let reason = refusal(of: workload, by: connection) {
                return (.refused(Self.refusal("28000", reason)), nil, nil)
            }
            noteSession(of: workload, with: connection)
            return (.trusted, workload, nil)
        }
        return (identity.hasIssuers ? .token : .unknown, nil, nil)
    }

    /// Why a workload may not come in; `nil`: it may.
    private func refusal(of workload: Subject, by connection: DatabaseConnection) -> String? {
        let (now, name) = (clock.now(), connection.metadata.qualifiedName)
        if authority.isRevoked(workload, nil, at: now) { return Self.revoked }
        if connection.spec.identity.requireWorkloadOwner, workload.owner == nil {
            uses.noteOwnerless(workload.name, of: name)
            return "nobody answers for this workload: its pod lacks the annotation weir.dev/owner"
        }
        if authority.isUnused(workload, for: connection, at: now) {
            uses.noteUnused(workload.name, of: name)
            return "the identity was not used for too long"
        }
        return nil
    }

    /// A workload has a session; the operator is told once an hour, since some have one for each request, but twice in the
    /// time after which it would count as unused.
    func noteSession(of workload: Subject, with connection: DatabaseConnection) {
        let (now, name) = (clock.now(), connection.metadata.qualifiedName)
        let limit = connection.spec.identity.staleAfter.map { $0.components.seconds / 2 }
        if let told = workloadTold[name], now - told < min(Self.workloadInterval, limit ?? .max) { return }
        workloadTold[name] = now
        uses.note(workload: workload, of: name)
    }

    private static let revoked = "the identity is revoked"

    private static func refusal(_ sqlState: String, _ message: String) -> DiagnosticFields {
        DiagnosticFields(.fatal, sqlState: sqlState, message: message)
    }

    /// Judges a token or grant shown in place of a password. `expiry` is how long it holds from now on.
    func verify(
        _ secret: [UInt8], for connection: DatabaseConnection
    ) throws(TokenFault) -> (identity: VerifiedIdentity, expiry: Duration) {
        let now = clock.now()
        let identity = try authority.verify(secret, for: connection, at: now)
        guard !authority.isUnused(identity.subject, for: connection, at: now) else {
            uses.noteUnused(identity.subject.name, of: connection.metadata.qualifiedName)
            throw .unused
        }
        // Whoever has a grant was told of when it was given.
        if identity.subject.proof == .token {
            uses.note(identity, of: connection.metadata.qualifiedName)
        }
        return (identity, .seconds(identity.evidence.expiry - now))
    }

    /// Whom sessions were opened for since the last call.
    func takeUses() -> IdentityUses {
        defer { uses = IdentityUses() }
        return uses
    }

    /// Why an identity does not hold any more that a connection had taken; `nil` when it does.
    func end(
        of subject: Subject, _ evidence: IdentityEvidence?, with connection: DatabaseConnection
    ) -> IdentityEnd? {
        let (now, identity) = (clock.now(), connection.spec.identity)
        if authority.isRevoked(subject, evidence, at: now) { return .revoked }
        if subject.proof == .workload { return end(ofWorkload: subject, under: identity, at: now) }
        guard let evidence else { return nil }
        if evidence.expiry <= now { return .expired }
        return identity.accepts(evidence) ? nil : .unaccepted
    }

    /// It is judged as a further session of it would be: by who the pod is now, and who answers for it now.
    private func end(
        ofWorkload subject: Subject, under identity: DatabaseConnection.Identity, at now: Int64
    ) -> IdentityEnd? {
        guard identity.workload, let current = pod.subjectOfSessions, current.name == subject.name,
            current.owner != nil || !identity.requireWorkloadOwner
        else { return .unaccepted }
        return authority.isRevoked(current, nil, at: now) ? .revoked : nil
    }

    /// Makes the verifiers of users ahead of their log-ins: at a log-in the time that takes would tell that there is
    /// the user. `count` is the most that are made.
    func deriveVerifiers(atMost count: Int) {
        guard let users else { return }
        let names = secrets.keys(of: users).prefix(Self.verifierLimit)
        let current = Set(names)
        verifiers = verifiers.filter { current.contains($0.key) }
        var rest = count
        for name in names where rest > 0 {
            guard let password = try? secrets.read(SecretKeyReference(name: users, key: name)),
                verifiers[name]?.password != password
            else { continue }
            _ = verifier(of: name, password)
            rest -= 1
        }
    }

    /// Salted as the stand-in for an unknown user would be, so that the salt tells nothing.
    private func verifier(of user: String, _ password: [UInt8]) -> SCRAMVerifier? {
        if let known = verifiers[user], known.password == password { return known.verifier }
        let mock = SCRAMVerifier(mockFor: Array(user.utf8), secret: mockSecret)
        guard let verifier = try? SCRAMVerifier(password: password, salt: mock.salt) else { return nil }
        if verifiers[user] != nil || verifiers.count < Self.verifierLimit {
            verifiers[user] = (password, verifier)
        }
        return verifier
    }
}
