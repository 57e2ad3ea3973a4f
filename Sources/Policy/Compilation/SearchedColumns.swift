import API
import StatementAnalysis

/// The columns in whose values a set of policies looks for identifiers.
///
/// A rule with `dataTypes` searches the columns of the tables, and of the columns it names, that it does not govern
/// whole; so do the columns of that name in all tables its table inherits from or that inherit from it.
struct SearchedColumns: Sendable {
    private var columns: [ColumnID: [Detection]] = [:]
    /// Of every column together, the strictest of each kind.
    private(set) var all: [Detection] = []
    private(set) var relations: Set<ObjectID> = []
    /// Columns that a rule searches which does not reach every column there is: elsewhere their values are free.
    private var confined: [ColumnID: String] = [:]

    init(of policies: [ScopedMaskingPolicy], over catalogue: Catalogue) {
        for policy in policies where policy.rules.contains(where: { $0.binds && !$0.kinds.isEmpty }) {
            for relation in policy.candidates(in: catalogue) where !relation.isSystem {
                for (column, searches) in policy.searched(in: relation) {
                    add(searches, to: column, of: relation)
                    for relative in catalogue.relatives(of: relation.oid) {
                        if let column = relative.column(named: column.name) {
                            add(searches, to: column, of: relative)
                        }
                    }
                }
            }
        }
    }

    var isEmpty: Bool { columns.isEmpty }

    subscript(_ id: ColumnID) -> [Detection] { columns[id] ?? [] }

    /// What is to be looked for in a value of that lineage.
    func detections(in lineage: Lineage) -> [Detection] {
        lineage.columns.sorted().reduce(into: []) { Self.merge(self[$1], into: &$0) }
    }

    func isSearched(_ lineage: Lineage) -> Bool {
        lineage.columns.contains { columns[$0] != nil }
    }

    /// The rule whose search a value of that lineage would leave by being stored in `target`; `nil` for none.
    func ruleLeft(by lineage: Lineage, for target: ColumnID?) -> String? {
        let left = lineage.columns.sorted().first { column in
            guard confined[column] != nil else { return false }
            guard let target else { return true }
            let kept = self[target].map(\.kind)
            return !self[column].allSatisfy { kept.contains($0.kind) }
        }
        return left.flatMap { confined[$0] }
    }

    private mutating func add(
        _ searches: [ScopedMaskingRule], to column: Relation.Column, of relation: Relation
    ) {
        relations.insert(relation.oid)
        let id = ColumnID(relation: relation.oid, attribute: column.number)
        for rule in searches {
            Self.merge(rule.detections, into: &columns[id, default: []])
            Self.merge(rule.detections, into: &all)
            if rule.isConfined { confined[id] = confined[id] ?? rule.name }
        }
    }

    /// Of two actions for one kind the stricter holds, the first of equals; in the order of the kinds.
    private static func merge(_ more: [Detection], into detections: inout [Detection]) {
        for detection in more {
            if let index = detections.firstIndex(where: { $0.kind == detection.kind }) {
                if detection.action.strictness > detections[index].action.strictness {
                    detections[index] = detection
                }
            } else {
                detections.append(detection)
            }
        }
    }
}

extension ScopedMaskingRule {
    fileprivate var detections: [Detection] {
        kinds.map { Detection(kind: $0, action: action, rule: name) }
    }
}

extension ColumnMask {
    /// Looks for identifiers; `nil` for none.
    init?(detections: [Detection], column: String) {
        guard let strictest = detections.max(by: { $0.action.strictness < $1.action.strictness }) else {
            return nil
        }
        self.init(action: strictest.action, rule: strictest.rule, column: column, detections: detections)
    }
}
