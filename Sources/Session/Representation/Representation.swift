/// Whom a session acts on behalf of: the value of `weir.on_behalf_of`, which comes and goes with transactions and
/// savepoints as the server's own settings do (`guc.c`; documentation, `SET`, "Notes").
struct Representation {
    /// Savepoints followed in one transaction. Ours.
    static let savepointLimit = 16_384

    /// A value given to the setting.
    struct Change {
        enum Value {
            /// `nil`: nobody.
            case person(Person?)
            /// Whoever it was when the session began.
            case initial
        }

        var value: Value
        /// Until the transaction ends.
        var isLocal: Bool
    }

    private struct Values {
        /// Beyond the transaction, if it commits.
        var session: Person?
        /// Until it ends, in place of the other.
        var local: Person??
    }

    private let initial: Person?
    private var values: Values
    /// Those before the first change in the transaction; `nil` without one.
    private var start: Values?
    /// Since the first change; those made before it have the values of ``start``.
    private var savepoints: [(name: String, values: Values)] = []
    /// Statements have failed since the transaction, or what it was rolled back to, began.
    private var hasFailed = false
    /// There were more savepoints than are followed.
    private(set) var isLost = false

    init(initial: Person? = nil) {
        self.initial = initial
        values = Values(session: initial)
    }

    var current: Person? { values.local ?? values.session }

    /// Somebody is acted for, or may be again.
    var isInUse: Bool { initial != nil || values.session != nil || values.local != nil || start != nil }

    /// The end of the transaction may bring back what was before.
    var mayRevert: Bool { start != nil }

    mutating func apply(_ change: Change) {
        if start == nil { start = values }
        let person: Person? =
            switch change.value {
            case .person(let person): person
            case .initial: initial
            }
        if change.isLocal {
            values.local = .some(person)
        } else {
            values = Values(session: person)
        }
    }

    // MARK: - Transactions

    mutating func savepoint(_ name: String) {
        guard start != nil else { return }
        guard savepoints.count < Self.savepointLimit else {
            isLost = true
            return
        }
        savepoints.append((name, values))
    }

    mutating func release(_ name: String) {
        guard let index = savepoints.lastIndex(where: { $0.name == name }) else {
            // It is older than the first change: so are those after it, as far as there are any.
            savepoints.removeAll()
            return
        }
        savepoints.removeSubrange(index...)
    }

    mutating func rollBack(to name: String) {
        hasFailed = false
        guard let start else { return }
        if let index = savepoints.lastIndex(where: { $0.name == name }) {
            savepoints.removeSubrange((index + 1)...)
            values = savepoints[index].values
        } else {
            savepoints.removeAll()
            values = start
        }
    }

    mutating func commit() {
        values.local = nil
        end()
    }

    mutating func rollBack() {
        if let start { values = start }
        values.local = nil
        end()
    }

    mutating func failed() { hasFailed = true }

    /// The server is ready, and in no transaction.
    mutating func transactionEnded() {
        if hasFailed { rollBack() } else { commit() }
    }

    private mutating func end() {
        start = nil
        savepoints.removeAll()
        hasFailed = false
        isLost = false
    }
}
