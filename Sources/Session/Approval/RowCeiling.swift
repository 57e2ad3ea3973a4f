import API
import Policy
import StatementAnalysis
import WireProtocols

/// Most rows that an approved statement may write or return, and how far the check of one execution has come (G14).
///
/// What is counted is what the database counts in the transaction, in all tables: rows written by other parts of the
/// statement, by triggers and by cascading foreign keys too. `TRUNCATE` within a trigger is not counted by it.
final class RowCeiling {
    struct Terms: Equatable {
        var limit: Int
        /// `ApprovalRule/name`.
        var rule: String
    }

    enum Phase {
        /// What the transaction has written so far is being asked for, once it has begun.
        case opening
        case running
        /// The statement is done, and what the transaction has written is being asked for again.
        case counting
        /// The transaction that was begun for the statement is being ended.
        case ending
    }

    /// Rows written in the transaction, by way of writing, and whether the database counts at all. As the counters
    /// may hold earlier transactions' too, only their difference tells something.
    static let question = """
        SELECT pg_catalog.current_setting('track_counts'), \
        pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(oid)), \
        pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(oid)), \
        pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_deleted(oid)) \
        FROM pg_catalog.pg_class WHERE relkind OPERATOR(pg_catalog.=) 'r'
        """

    let terms: Terms
    /// The `Query` message that runs the statement; empty where `Execute` does.
    let query: [UInt8]
    /// The transaction is the statement's alone, begun by the gateway.
    let isOwn: Bool
    var phase = Phase.opening
    /// The answer to the question.
    var counted: UInt64?
    var before: UInt64?
    /// How many of the two closes that end a question in a pipeline have been answered.
    var closeCount = 0
    /// The server's word that the statement is done, which the client has not been told.
    var completion: [UInt8] = []
    var tag: [UInt8] = []
    /// The statement's, while ``tag`` is that of the transaction's end.
    var ownTag: [UInt8] = []
    /// The client has been told of an error.
    var hasFailed = false
    /// Rows that earlier pieces of the portal have returned.
    let returnedBefore: UInt64

    init(_ terms: Terms, query: [UInt8] = [], isOwn: Bool = false, returnedBefore: UInt64 = 0) {
        self.terms = terms
        self.query = query
        self.isOwn = isOwn
        self.returnedBefore = returnedBefore
    }

    /// Takes the row that answers ``question``.
    func receive(count row: [[UInt8]?]) {
        let texts = row.map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "" }
        let counts = texts.dropFirst().compactMap(UInt64.init)
        guard texts.first == "on", counts.count == 3 else {
            counted = nil
            return
        }
        counted = counts.reduce(0, &+)
    }

    /// How many rows the statement has touched, of which `rows` were returned or are in its tag; `nil` when that
    /// cannot be told.
    func total(rows: UInt64) -> UInt64? {
        guard let before, let counted, counted >= before else { return nil }
        return max(counted - before, rows + returnedBefore)
    }
}

extension Plan.Demand {
    /// The lowest of those asked for; `nil` where none is.
    var ceiling: RowCeiling.Terms? {
        let ceilings = terms.compactMap { terms in
            terms.grant.maximumRows.map { RowCeiling.Terms(limit: $0, rule: terms.ruleName) }
        }
        return ceilings.min { $0.limit < $1.limit }
    }
}

extension Plan {
    /// It is one statement, of which the rows it writes or returns can be counted.
    var areRowsCountable: Bool { statements.count == 1 && statements[0].facts.areRowsCountable }
}

extension StatementFacts {
    /// Code out of sight can truncate, and ends transactions; what is defined or administered is no row.
    fileprivate var areRowsCountable: Bool {
        guard unknowns.isEmpty, !isUnparsed, sessionChanges.isEmpty,
            effects.isSubset(of: [.select, .insert, .update, .delete, .merge, .copyIn, .lock])
        else { return false }
        return switch command {
        case .select, .insert, .update, .delete, .merge, .execute: true
        case .copy: copy?.direction == .fromClient
        default: false
        }
    }
}

extension Diagnosis {
    static func rowsUncountable(_ terms: RowCeiling.Terms) -> Self {
        Self(
            rule: terms.rule, sqlState: "42501",
            message:
                "\(terms.rule) allows at most \(terms.limit) rows, and those of this statement cannot be counted",
            hint:
                "Send one SELECT, INSERT, UPDATE, DELETE, MERGE or COPY FROM STDIN by itself, without a cursor."
        )
    }

    static func tooManyRows(_ terms: RowCeiling.Terms, _ count: UInt64) -> Self {
        Self(
            rule: terms.rule, sqlState: "42501",
            message: "the statement touches \(count) rows, and \(terms.rule) allows at most \(terms.limit)",
            hint: "Nothing of it is kept. Ask for a statement that touches fewer.")
    }
}
