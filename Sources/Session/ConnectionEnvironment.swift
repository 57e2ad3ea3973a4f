package import API
package import Masking
import Policy
import StatementAnalysis
import WireProtocols

/// What the sessions of one DatabaseConnection share: its policy, the newest catalogues, the statements planned.
///
/// It belongs to one event loop, as the sessions do; nothing in it is locked.
package final class ConnectionEnvironment {
    /// Most scopes kept at once; beyond it they are planned anew.
    package static let scopeLimit = 256
    /// Beyond so many catalogues those without sessions are forgotten.
    static let catalogueLimit = 64
    /// How long the catalogue counts as current before a session asks whether it still is, in microseconds.
    package static let catalogueFreshness: Int64 = 1_000_000

    /// Most bytes of messages longer than ``MessageLimit/held`` that are held at once, whoever sends them.
    static let heldByteLimit = 4 * MessageLimit.judged

    package private(set) var connection: DatabaseConnection
    private(set) var policy: ConnectionPolicy
    private(set) var keys: MaskingKeys
    /// Counts policy changes; what was planned under another generation is planned again.
    private(set) var generation: UInt64 = 1
    private var catalogues: [SharedCatalogue.Place: SharedCatalogue] = [:]
    /// Whether the audit log takes another statement; the driver knows.
    package var canRecord = true
    /// Whether the configuration in force is not too old for another statement; the driver knows.
    package var isConfigurationCurrent = true
    /// Counts the occasions on which somebody's identity may have come to an end; the driver knows. Whoever is acted for
    /// is asked about again after each.
    package var identityOccasions: UInt64 = 0
    private var scopes: [Scope.Key: Scope] = [:]
    /// Of messages longer than ``MessageLimit/held``, in all sessions.
    private var heldByteCount = 0
    /// What people have allowed a subject for a time.
    private var grants: [ApprovalState.GrantKey: ApprovalState.Grant] = [:]
    /// Counts the scopes made.
    private var lastScope: UInt64 = 0

    /// The policies and rules that bind the connection are picked from all there are.
    package init(
        connection: DatabaseConnection, maskingPolicies: [MaskingPolicy], approvalRules: [ApprovalRule],
        keys: MaskingKeys
    ) {
        self.connection = connection
        self.keys = keys
        policy = ConnectionPolicy(
            connection: connection, maskingPolicies: maskingPolicies, approvalRules: approvalRules)
    }

    /// Puts another configuration in force: running sessions meet it at their next statement.
    package func replace(
        connection: DatabaseConnection, maskingPolicies: [MaskingPolicy], approvalRules: [ApprovalRule],
        keys: MaskingKeys
    ) {
        self.connection = connection
        self.keys = keys
        policy = ConnectionPolicy(
            connection: connection, maskingPolicies: maskingPolicies, approvalRules: approvalRules)
        generation += 1
        scopes.removeAll()
        grants.removeAll()
    }

    func catalogue(at place: SharedCatalogue.Place) -> SharedCatalogue {
        if let shared = catalogues[place] { return shared }
        if catalogues.count >= Self.catalogueLimit {
            catalogues = catalogues.filter { $0.value.sessionCount > 0 }
        }
        let shared = SharedCatalogue()
        catalogues[place] = shared
        return shared
    }

    /// Shares a catalogue that holds committed relations only.
    func publish(
        _ catalogue: Catalogue, in shared: SharedCatalogue, askedFor moment: SharedCatalogue.Moment,
        at now: Int64
    ) {
        let outdated = shared.catalogue?.version ?? 0
        shared.take(catalogue, askedFor: moment, at: now)
        if shared.catalogue?.version != outdated {
            scopes = scopes.filter { $0.key.catalogue != outdated }
        }
    }

    /// A session has changed the database's catalogue: the others ask before their next statement.
    func catalogueMayHaveChanged() {
        for shared in catalogues.values { shared.mayHaveChanged() }
    }

    /// - Returns: whether so many bytes more may be held; ``release(_:)`` gives them back.
    func hold(_ byteCount: Int) -> Bool {
        guard heldByteCount + byteCount <= Self.heldByteLimit else { return false }
        heldByteCount += byteCount
        return true
    }

    func release(_ byteCount: Int) { heldByteCount -= byteCount }

    // MARK: - Approvals

    func grant(_ key: ApprovalState.GrantKey) -> ApprovalState.Grant? { grants[key] }

    func allow(_ key: ApprovalState.GrantKey, _ grant: ApprovalState.Grant, at now: Int64) {
        grants = grants.filter { $0.value.until > now }
        grants[key] = grant
    }

    func standing(of subjects: [Subject]) -> SubjectStanding { policy.standing(of: subjects) }

    func scope(for standing: SubjectStanding, catalogue: Catalogue?, context: SessionContext) -> Scope {
        let key = Scope.Key(standing: standing, catalogue: catalogue?.version ?? 0, context: context)
        if let scope = scopes[key] { return scope }
        if scopes.count >= Self.scopeLimit { scopes.removeAll() }
        lastScope += 1
        let scope = Scope(
            generation: generation, number: lastScope, policy: policy.scoped(to: standing),
            catalogue: catalogue, context: context)
        scopes[key] = scope
        return scope
    }
}
