import API
import Identity

/// What the gateway verifies tokens and grants by: what the operator said last, and how long ago. Without an operator, the
/// keys in the connections themselves.
///
/// A gateway that has not heard of its operator for ``maximumSilence`` takes no tokens and grants any more: it cannot know
/// which of them are revoked.
struct KnownAuthority {
    typealias Instant = ContinuousClock.Instant

    /// How long what the operator said holds without another word of it. Ours: a grant lives for an hour at most.
    static let maximumSilence = Duration.seconds(900)
    /// How often it is written down that the operator still says the same.
    private static let noteInterval = Duration.seconds(60)
    private static let fileName = "authority.json"

    /// Where it is kept for the next start; `nil` without an operator.
    private let file: PrivateFile?
    private(set) var authority = IdentityAuthority()
    private var issuerKeys: KnownKeys
    /// When the operator was last heard, by both clocks, and when that was last written down; `nil`: never.
    private var heard: (time: Int64, instant: Instant)?
    private var noted: Instant?
    private var line: [UInt8] = []

    /// `now` is the time of day, in seconds since 1970, and `instant` the same moment, here and below.
    init(data: String, hasOperator: Bool, at now: Int64, _ instant: Instant = .now) {
        file = hasOperator ? PrivateFile(path: "\(data)/\(Self.fileName)") : nil
        issuerKeys = KnownKeys(data: data, hasOperator: hasOperator, at: now, instant)
        restore(at: now, instant)
    }

    /// - Returns: whether the line is one.
    mutating func take(line: [UInt8], at now: Int64, _ instant: Instant = .now) -> Bool {
        guard let authority = IdentityAuthority(line: line) else { return false }
        self.authority = authority
        self.line = line
        heard = (now, instant)
        issuerKeys.take(authority, at: now, instant)
        note(at: now, instant)
        return true
    }

    /// The operator vouches that it still says what it said under this revision.
    mutating func confirmed(_ revision: String, at now: Int64, _ instant: Instant = .now) {
        guard heard != nil, revision == authority.revision else { return }
        heard = (now, instant)
        issuerKeys.take(authority, at: now, instant)
        if noted.map({ instant - $0 >= Self.noteInterval }) ?? true { note(at: now, instant) }
    }

    /// Whether tokens and grants can be judged at all: something was heard, if there is an operator.
    var isKnown: Bool { file == nil || heard != nil }

    // MARK: - Verifying

    func verify(
        _ secret: [UInt8], for connection: DatabaseConnection, at now: Int64, _ instant: Instant = .now
    ) throws(TokenFault) -> VerifiedIdentity {
        guard file == nil || isHeard(at: now, instant) else {
            throw .unverifiable("the operator has not been heard of")
        }
        let identity: VerifiedIdentity
        if SessionGrant.isGrant(secret) {
            let grant = try SessionGrant(
                verifying: secret, for: connection.metadata.qualifiedName, keys: authority.grantKeys, at: now)
            identity = grant.identity
            guard connection.spec.identity.accepts(identity.evidence) else { throw .issuer }
        } else {
            identity = try TokenVerifier(connection.spec.identity.issuers).verify(secret, at: now) {
                keys(of: $0, at: now, instant)
            }
        }
        guard !authority.revocations.isRevoked(identity, at: now) else { throw .revoked }
        return identity
    }

    /// By the clock that is nobody's to set; by the time of day where more has passed by that, as for a machine that
    /// was stopped with all of its clocks.
    private func isHeard(at now: Int64, _ instant: Instant) -> Bool {
        guard let heard else { return false }
        let silence = max(instant - heard.instant, .seconds(now - heard.time))
        return (.zero...Self.maximumSilence).contains(silence)
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

    private func keys(
        of issuer: DatabaseConnection.Issuer, at now: Int64, _ instant: Instant
    ) -> JSONWebKeySet? {
        guard let source = KeySource(issuer) else {
            return issuer.jwks.flatMap { try? JSONWebKeySet(parsing: Array($0.utf8)) }
        }
        return issuerKeys.keys(of: source, at: now, instant)
    }

    // MARK: - Over a restart

    /// The first line is when the operator was last heard, the second what it said.
    private mutating func note(at now: Int64, _ instant: Instant) {
        noted = instant
        _ = file?.write(Array("\(now)\n".utf8) + line)
        issuerKeys.note()
    }

    /// Who was revoked is so, however long ago that was heard: workloads and users come in without the operator.
    private mutating func restore(at now: Int64, _ instant: Instant) {
        guard let content = file?.read(), let end = content.firstIndex(of: 0x0A) else { return }
        let line = Array(content[(end + 1)...])
        guard let authority = IdentityAuthority(line: line) else { return }
        (self.authority, self.line) = (authority, line)
        guard let time = Int64(String(decoding: content[..<end], as: UTF8.self)), time >= 0, time <= now,
            .seconds(now - time) <= Self.maximumSilence
        else { return }
        heard = (time, instant - .seconds(now - time))
    }
}
