import API
import StatementAnalysis

/// The columns a set of policies governs in a catalogue.
///
/// 1. A rule governs the columns it matches, of tables and views alike.
/// 2. In relations where it governs one, `unmatched` decides about the columns no rule of the policy matches.
/// 3. A column spreads to the columns of that name in all tables its table inherits from or that inherit from
///    it, partitions included, as each shows the others' rows; further columns of descendants are redacted.
/// 4. A generated column that no rule matches is redacted where it is computed from a governed one.
/// 5. Where several rules meet the strictest mask holds, and comparing must be allowed by all.
/// 6. Identifiers are looked for in the columns that rules with `dataTypes` reach and do not govern.
/// 7. The server's own columns that hold users' data (statistics, other sessions' statements) are redacted.
struct GovernedColumns: Sendable {
    private let catalogue: Catalogue
    private var columns: [ColumnID: GovernedColumn] = [:]
    private(set) var relations: Set<ObjectID> = []
    /// In whose values identifiers are looked for.
    let searched: SearchedColumns
    /// A policy binds the subject, whether or not the database has a column it governs.
    let isInForce: Bool
    /// Not where hidden code may run, as that can read them all the same.
    private let governsSystemColumns: Bool

    init(
        of policies: [ScopedMaskingPolicy], over catalogue: Catalogue, governsSystemColumns: Bool = true
    ) {
        self.catalogue = catalogue
        self.governsSystemColumns = governsSystemColumns
        isInForce = !policies.isEmpty
        searched = SearchedColumns(of: policies, over: catalogue)
        guard isInForce else { return }
        for policy in policies {
            for relation in policy.candidates(in: catalogue) {
                let columns = policy.governed(in: relation)
                for (column, governed) in columns {
                    add(column, of: relation, governed)
                    spread(column.name, governed, from: relation, in: catalogue)
                }
                if let (_, governed) = columns.first {
                    redactFurtherColumns(below: relation, as: governed, in: catalogue)
                }
            }
        }
        for relation in relations.compactMap(catalogue.relation) { redactGeneratedColumns(of: relation) }
    }

    subscript(_ id: ColumnID) -> GovernedColumn? {
        if let governed = columns[id] { return governed }
        guard isInForce, governsSystemColumns, SystemRelations.holdsData(id, in: catalogue),
            catalogue.relation(id.relation) != nil
        else { return nil }
        let mask = ColumnMask(action: .redact, rule: OwnRule.systemColumns, column: name(of: id))
        return GovernedColumn(mask: mask, priority: 0, allowsPredicates: false)
    }

    func isGoverned(_ lineage: Lineage) -> Bool {
        lineage.columns.contains { self[$0] != nil }
    }

    /// The governed columns among those of a lineage, the one that speaks for them first.
    func governed(in lineage: Lineage) -> [GovernedColumn] {
        lineage.columns.compactMap { self[$0] }.sorted { $0.speaksBefore($1) }
    }

    /// Looks within the values of an output of that lineage; `nil` where there is nothing to look for.
    func search(in lineage: Lineage, origin: ColumnID?) -> ColumnMask? {
        ColumnMask(detections: searched.detections(in: lineage), column: origin.map(name) ?? "*")
    }

    /// `schema.table.column`.
    private func name(of id: ColumnID) -> String {
        guard let relation = catalogue.relation(id.relation) else { return "*" }
        let column = relation.columns.first { $0.number == id.attribute }?.name ?? "*"
        return "\(relation.schema).\(relation.name).\(column)"
    }

    private mutating func add(_ column: Relation.Column, of relation: Relation, _ governed: GovernedColumn) {
        relations.insert(relation.oid)
        var governed = governed
        governed.mask.column = "\(relation.schema).\(relation.name).\(column.name)"
        let id = ColumnID(relation: relation.oid, attribute: column.number)
        if columns[id] == nil {
            columns[id] = governed
        } else {
            columns[id]?.merge(governed)
        }
    }

    private mutating func spread(
        _ name: String, _ governed: GovernedColumn, from relation: Relation, in catalogue: Catalogue
    ) {
        for relative in catalogue.relatives(of: relation.oid) {
            if let column = relative.column(named: name) { add(column, of: relative, governed) }
        }
    }

    /// Their expressions read columns of their own table, none of which is generated itself.
    private mutating func redactGeneratedColumns(of relation: Relation) {
        for column in relation.liveColumns
        where columns[ColumnID(relation: relation.oid, attribute: column.number)] == nil {
            let sources = column.sources.map { ColumnID(relation: relation.oid, attribute: $0) }
            guard let governed = governed(in: Lineage(Set(sources))).first else { continue }
            var redacted = governed
            redacted.mask.action = .redact
            add(column, of: relation, redacted)
            spread(column.name, redacted, from: relation, in: catalogue)
        }
    }

    /// Columns that only a descendant has were not in sight when the rule was written for its ancestor.
    private mutating func redactFurtherColumns(
        below relation: Relation, as governed: GovernedColumn, in catalogue: Catalogue
    ) {
        var redacted = governed
        redacted.mask.action = .redact
        redacted.predicateRule = governed.mask.rule
        for descendant in catalogue.descendants(of: relation.oid) {
            for column in descendant.liveColumns where relation.column(named: column.name) == nil {
                add(column, of: descendant, redacted)
            }
        }
    }
}
