import API
import Identity

/// What the gateway verifies tokens and grants by: what the operator said last, and how long ago. Without an operator, the
/// keys in the connections themselves.
///
/// A gateway that has not heard of its operator for ``maximumSilence`` takes no tokens and grants any more: it cannot know
/// which of them are revoked.
struct KnownAuthority {
    /// How long what the operator said holds without another word of it, in seconds. Ours: a grant lives for an hour at most.
    static let maximumSilence: Int64 = 900
    /// How often it is written down that the operator still says the same, in seconds.
    private static let noteInterval: Int64 = 60
    private static let fileName = "authority.json"

    /// Where it is kept for the next start; `nil` without an operator.
    private let file: PrivateFile?
    private(set) var authority = IdentityAuthority()
    /// When the operator was last heard, and when that was last written down; `nil`: never.
    private var heard: Int64?
    private var noted: Int64?
    private var line: [UInt8] = []

    /// `now` counts seconds since 1970 by a clock that does not go back, here and below.
    init(data: String, hasOperator: Bool, at now: Int64) {
        file = hasOperator ? PrivateFile(path: "\(data)/\(Self.fileName)") : nil
        restore(at: now)
    }

    /// - Returns: whether the line is one.
    mutating func take(line: [UInt8], at now: Int64) -> Bool {
        guard let authority = IdentityAuthority(line: line) else { return false }
        self.authority = authority
        self.line = line
        heard = now
        note(at: now)
        return true
    }

    /// The operator vouches that it still says what it said under this revision.
    mutating func confirmed(_ revision: String, at now: Int64) {
        guard heard != nil, revision == authority.revision else { return }
        heard = now
        if noted.map({ now - $0 >= Self.noteInterval }) ?? true { note(at: now) }
    }

    // MARK: - Verifying

    func verify(
        _ secret: [UInt8], for connection: DatabaseConnection, at now: Int64
    ) throws(TokenFault) -> VerifiedIdentity {
        if file != nil {
            guard let heard, now - heard <= Self.maximumSilence else {
                throw .unverifiable("the operator has not been heard of")
            }
        }
        let identity: VerifiedIdentity
        if SessionGrant.isGrant(secret) {
            let grant = try SessionGrant(
                verifying: secret, for: connection.metadata.qualifiedName, keys: authority.grantKeys, at: now)
            identity = grant.identity
            guard connection.spec.identity.accepts(issuer: identity.evidence.issuer) else { throw .issuer }
        } else {
            identity = try TokenVerifier(connection.spec.identity.issuers).verify(secret, at: now) {
                keys(of: $0)
            }
        }
        guard !authority.revocations.isRevoked(identity, at: now) else { throw .revoked }
        return identity
    }

    /// Not used for longer than the connection allows.
    func isUnused(_ subject: Subject, for connection: DatabaseConnection, at now: Int64) -> Bool {
        guard let limit = connection.spec.identity.staleAfter, let last = authority.unused[subject.name]
        else {
            return false
        }
        return now - last > limit.components.seconds
    }

    func isRevoked(_ subject: Subject, _ evidence: IdentityEvidence?, at now: Int64) -> Bool {
        authority.revocations.isRevoked(subject, evidence, at: now)
    }

    private func keys(of issuer: DatabaseConnection.Issuer) -> JSONWebKeySet? {
        if let text = issuer.jwks { return try? JSONWebKeySet(parsing: Array(text.utf8)) }
        return authority.keys[issuer.issuer]
    }

    // MARK: - Over a restart

    /// The first line is when the operator was last heard, the second what it said.
    private mutating func note(at now: Int64) {
        noted = now
        _ = file?.write(Array("\(now)\n".utf8) + line)
    }

    private mutating func restore(at now: Int64) {
        guard let content = file?.read(), let end = content.firstIndex(of: 0x0A),
            let time = Int64(String(decoding: content[..<end], as: UTF8.self)),
            (0...Self.maximumSilence).contains(now - time)
        else { return }
        let line = Array(content[(end + 1)...])
        guard let authority = IdentityAuthority(line: line) else { return }
        (self.authority, self.line) = (authority, line)
        heard = time
    }
}
