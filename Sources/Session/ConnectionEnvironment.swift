package import API
package import Masking
import Policy
import StatementAnalysis

/// What the sessions of one DatabaseConnection share: its policy, the newest catalogue, the statements planned.
///
/// It belongs to one event loop, as the sessions do; nothing in it is locked.
package final class ConnectionEnvironment {
    /// Most scopes kept at once; beyond it they are planned anew.
    package static let scopeLimit = 256
    /// How long the catalogue counts as current before a session asks whether it still is, in microseconds.
    package static let catalogueFreshness: Int64 = 1_000_000

    package private(set) var connection: DatabaseConnection
    private(set) var policy: ConnectionPolicy
    private(set) var keys: MaskingKeys
    /// Counts policy changes; what was planned under another generation is planned again.
    private(set) var generation: UInt64 = 1
    private(set) var catalogue: Catalogue?
    /// What the database answered to the fingerprint query just before ``catalogue`` was read.
    private(set) var catalogueFingerprint: [[UInt8]?] = []
    /// When a session last saw that ``catalogue`` is the database's, in microseconds
    /// since 1970; 0: it may not be.
    var catalogueCheckedAt: Int64 = 0
    /// Whether the audit log takes another statement; the driver knows.
    package var canRecord = true
    private var scopes: [Scope.Key: Scope] = [:]

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
    }

    /// Shares a catalogue that holds committed relations only.
    func publish(_ catalogue: Catalogue, fingerprint: [[UInt8]?], at now: Int64) {
        scopes.removeAll()
        self.catalogue = catalogue
        catalogueFingerprint = fingerprint
        catalogueCheckedAt = now
    }

    /// A session has changed the database's catalogue: the others ask before their next statement.
    func catalogueMayHaveChanged() {
        catalogueCheckedAt = 0
    }

    func scope(for subject: Subject, catalogue: Catalogue?, context: SessionContext) -> Scope {
        let key = Scope.Key(subject: subject, catalogue: catalogue?.version ?? 0, context: context)
        if let scope = scopes[key] { return scope }
        if scopes.count >= Self.scopeLimit { scopes.removeAll() }
        let scope = Scope(
            generation: generation, policy: policy.scoped(to: subject), catalogue: catalogue, context: context
        )
        scopes[key] = scope
        return scope
    }
}
