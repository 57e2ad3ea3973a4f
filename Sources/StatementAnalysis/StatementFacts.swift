/// What one statement reads, writes and returns, and from where; it knows no identities and no rules.
///
/// A query string holds any number of statements; the analysis returns one value for each, in order.
/// Whatever could not be told is said in ``unknowns``: an empty list means that everything is known.
package struct StatementFacts: Sendable, Equatable {
    /// The statement's bytes within the query string.
    package var range: Range<Int> = 0..<0
    /// The statement's own command, as its `CommandComplete` tag starts.
    package var command: Command = .other("")
    /// Everything the statement does, also inside CTEs, `COPY`, `EXPLAIN ANALYZE`, `MERGE`, `PREPARE`.
    package var effects: Set<Effect> = []
    /// Each relation read or written, views also expanded to what they read.
    package var relations: [RelationUse] = []
    /// Each base column whose value the statement reads, for whatever purpose. A view's column stands beside the
    /// base columns it is made of, here and in every lineage.
    package var columnsRead = Lineage()
    /// Columns read inside the views the statement reads, for the views' own purposes (their conditions too).
    package var columnsReadInViews = Lineage()
    /// What comes back to the client, column by column.
    package var result: Result = .none
    /// Uses of columns that decide which rows come back, how often or in which order.
    package var conditions: [Condition] = []
    /// What each written column is computed from (`INSERT ... SELECT`, `UPDATE ... SET`, CTAS, views).
    package var assignments: [Assignment] = []
    /// Functions that run, also those behind operators and casts, that are not known to be harmless.
    package var functions: [FunctionUse] = []
    /// `COPY ... TO STDOUT` or `FROM STDIN`, with what is needed to read its data.
    package var copy: Copy?
    /// A prepared statement that runs within this one (`CREATE TABLE AS EXECUTE`, `EXPLAIN EXECUTE`), known to the
    /// session alone, whose facts are then to be included.
    package var executes: String?
    /// The prepared statements that it runs, once the session has filled in what they do.
    package var prepared: [String] = []
    /// How the statement changes the meaning of the ones after it.
    package var sessionChanges: [SessionChange] = []
    /// Settings with a dot in their name, which mean nothing to the server, that are given a value, in order.
    package var assignedSettings: [AssignedSetting] = []
    /// The statement does nothing but give settings values, each once: `SET`, `RESET`, `SELECT set_config(...), ...`.
    package var onlyAssignsSettings = false
    /// An `UPDATE`, `DELETE`, `MERGE` or locking `SELECT`, anywhere in the statement, without a `WHERE` clause.
    package var isWithoutWhere = false
    /// What locks are taken for: a row locked `FOR UPDATE` is held as one that is to be deleted is.
    package var lockedFor: Set<Effect> = []
    /// The most rows that constant arguments of `generate_series` and recursions without an end make; see ``Demand``.
    package var generatedRows = 1
    /// Names of tables that are multiplied with others: no condition relates them.
    package var unrelatedTables: Set<String> = []
    /// A `DROP ... CASCADE`: it reaches objects that it does not name.
    package var dropsOthers = false
    /// Rows are those of a cursor: `FETCH`, `MOVE`, `WHERE CURRENT OF`.
    package var namesCursor = false
    /// An `ALTER TABLE` after which every column that was there and still is has its name, its table and its parents.
    package var keepsColumns = false
    /// Told from the words of a text that could not be parsed; what its rows are is for their description to say.
    package var isUnparsed = false
    /// Relations named that the catalogue does not hold; look them up and analyse again.
    package var missingRelations: [String] = []
    /// Views met whose definitions have not been read; have them read and analyse again.
    package var pendingViews: Set<ObjectID> = []
    /// What the analysis could not tell, each as a constant text without names or values of the statement.
    package var unknowns: [String] = []

    /// One of ``unknowns``, when it is a name that the relations have not.
    package static let unresolvedColumn: StaticString = "a column that could not be resolved"

    package init() {}

    /// Everything an inner statement does is done by this one; what comes back is this one's own.
    package mutating func include(_ inner: Self) {
        effects.formUnion(inner.effects)
        relations.appendNew(inner.relations)
        functions.appendNew(inner.functions)
        columnsRead.formUnion(inner.columnsRead)
        columnsReadInViews.formUnion(inner.columnsReadInViews)
        conditions.appendNew(inner.conditions)
        assignments.appendNew(inner.assignments)
        isWithoutWhere = isWithoutWhere || inner.isWithoutWhere
        dropsOthers = dropsOthers || inner.dropsOthers
        namesCursor = namesCursor || inner.namesCursor
        lockedFor.formUnion(inner.lockedFor)
        generatedRows = max(generatedRows, inner.generatedRows)
        unrelatedTables.formUnion(inner.unrelatedTables)
        missingRelations.appendNew(inner.missingRelations)
        pendingViews.formUnion(inner.pendingViews)
        unknowns.appendNew(inner.unknowns)
        sessionChanges += inner.sessionChanges
        assignedSettings += inner.assignedSettings
    }
}

extension Array where Element: Equatable {
    fileprivate mutating func appendNew(_ elements: Self) {
        for element in elements where !contains(element) { append(element) }
    }
}

extension StatementFacts {
    /// The command tag's first word or words.
    package enum Command: Sendable, Equatable, Hashable {
        case select, insert, update, delete, merge, copy, explain, declareCursor, fetch, closeCursor
        case prepare, execute, deallocate, transaction, set, show, reset, discard, listen, unlisten, notify,
            lock
        case call, doBlock, vacuum, analyze, truncate
        case create(String)
        case alter(String)
        case drop(String)
        case grant, revoke, comment, refresh
        case other(String)
    }

    /// An effect a rule can match: the names are those of `ApprovalRule.spec.match.statements`.
    package enum Effect: String, Sendable, CaseIterable {
        case select = "Select"
        case insert = "Insert"
        case update = "Update"
        case delete = "Delete"
        case merge = "Merge"
        case truncate = "Truncate"
        case create = "Create"
        case alter = "Alter"
        case drop = "Drop"
        case grant = "Grant"
        case copyIn = "CopyIn"
        case copyOut = "CopyOut"
        /// Code whose effects the text does not show: `DO`, `CALL`, a function not known to be harmless.
        case execute = "Execute"
        /// `CREATE FUNCTION`, `TRIGGER`, `RULE`, event triggers: code that runs later.
        case define = "Define"
        /// The server's files and programs, `LOAD`, extensions, foreign servers, replication, `ALTER SYSTEM`.
        case administer = "Administer"
        /// `SELECT ... FOR UPDATE`, `LOCK TABLE`.
        case lock = "Lock"
        /// Transaction control, `SET`, `SHOW`, `LISTEN`, cursors: what touches no data of its own.
        case session = "Session"
    }

    package struct RelationUse: Sendable, Equatable, Hashable {
        package var relation: ObjectID
        package var schema: String
        package var name: String
        package var isWritten: Bool
        /// Named through a view rather than in the text.
        package var isThroughView: Bool

        package init(relation: ObjectID, schema: String, name: String, isWritten: Bool, isThroughView: Bool) {
            self.relation = relation
            self.schema = schema
            self.name = name
            self.isWritten = isWritten
            self.isThroughView = isThroughView
        }
    }

    package enum Result: Sendable, Equatable {
        /// No rows.
        case none
        /// One entry for each column of the `RowDescription`, or of the `COPY` data.
        case columns([OutputColumn])
        /// The rows of a cursor declared earlier in the session (`FETCH`, `MOVE`).
        case cursor(String)
        /// The result of a statement prepared with SQL `PREPARE`.
        case prepared(String)
        /// Rows of plan text (`EXPLAIN`); the planned statement's facts are merged into this one's.
        case plan
        /// Rows whose provenance is not known.
        case unknown
    }

    package struct OutputColumn: Sendable, Equatable {
        /// Every base column the value depends on.
        package var lineage: Lineage
        /// Set when the value is one base column's, unchanged.
        package var origin: ColumnID?
        /// The value's being `NULL` tells no more of the columns of the lineage than which of them are.
        package var keepsNull: Bool

        package init(lineage: Lineage, origin: ColumnID? = nil, keepsNull: Bool = false) {
            self.lineage = lineage
            self.origin = origin
            self.keepsNull = keepsNull
        }
    }

    package struct Condition: Sendable, Equatable {
        package enum Clause: String, Sendable {
            case `where` = "WHERE"
            case join = "JOIN"
            case groupBy = "GROUP BY"
            case having = "HAVING"
            case orderBy = "ORDER BY"
            case distinct = "DISTINCT"
            case window = "OVER"
            case aggregate = "an aggregate"
            case comparison = "a comparison"
            case setOperation = "UNION"
            case limit = "LIMIT"
            case conflict = "ON CONFLICT"
            /// Their number depends on the value.
            case rows = "a set-returning function"
            /// Whether there is an error depends on the value.
            case failure = "an expression that may fail"
            /// Whether there is an error, or an effect, depends on the value's being `NULL`.
            case presence = "an expression that may fail unless it is NULL"
        }

        package var clause: Clause
        package var lineage: Lineage

        package init(_ clause: Clause, _ lineage: Lineage) {
            self.clause = clause
            self.lineage = lineage
        }
    }

    package struct Assignment: Sendable, Equatable {
        /// `nil`: the target is not a base column (a new table, a view, a variable).
        package var target: ColumnID?
        package var lineage: Lineage

        package init(target: ColumnID?, lineage: Lineage) {
            self.target = target
            self.lineage = lineage
        }
    }

    package struct FunctionUse: Sendable, Equatable {
        package enum Harm: Sendable, Equatable {
            /// Written by a user: neither its reads nor its effects are known.
            case userDefined
            /// Reads relations, files or other sessions' data named at run time (`query_to_xml`, `dblink`).
            case readsByName
            /// Passes its arguments to a place outside the result (`pg_notify`, `set_config`, `lo_from_bytea`).
            case storesArguments
            /// Acts on the server or on other sessions (`pg_terminate_backend`, `pg_reload_conf`).
            case administers
        }

        /// `0` when no function of that name is in the catalogue.
        package var function: ObjectID
        package var name: String
        package var harm: Harm
        package var arguments: Lineage

        package init(function: ObjectID, name: String, harm: Harm, arguments: Lineage) {
            self.function = function
            self.name = name
            self.harm = harm
            self.arguments = arguments
        }
    }

    package struct Copy: Sendable, Equatable {
        package enum Format: Sendable, Equatable { case text, csv, binary }
        package enum Direction: Sendable, Equatable { case toClient, fromClient }

        package var direction: Direction
        package var format: Format = .text
        package var delimiter: UInt8 = 0x09
        package var null: [UInt8] = [0x5C, 0x4E]
        package var quote: UInt8 = 0x22
        package var escape: UInt8 = 0x22
        package var hasHeader = false
        /// Of the data's texts, where the statement names another than the client's.
        package var encoding: String?

        package init(_ direction: Direction) {
            self.direction = direction
        }
    }
}
