/// Which columns of the connections it targets are masked, and how.
package struct MaskingPolicy: Resource {
    package static let kind = ResourceKind.maskingPolicy
    /// Highest value of `priority`.
    package static let maximumPriority = 1000

    package var metadata: ObjectMetadata
    package var spec: Spec

    package init(metadata: ObjectMetadata, spec: Spec) {
        self.metadata = metadata
        self.spec = spec
    }

    package init(metadata: ObjectMetadata, readingSpec fields: inout MappingReader) {
        self.init(metadata: metadata, spec: Spec(reading: &fields))
    }

    package struct Spec: Sendable, Equatable {
        /// Of two equally restrictive masks the one of the higher priority is named and used.
        package var priority: Int
        package var mode: PolicyMode
        package var targets: PolicyTargets
        /// Empty: everyone.
        package var subjects: SubjectSelector
        package var rules: [Rule]
        package var unmatched: Unmatched

        package init(reading fields: inout MappingReader) {
            priority = fields.integer("priority", in: 0...maximumPriority, default: 500)
            mode = fields.choice("mode", default: .enforce)
            targets = fields.object("targets") { PolicyTargets(reading: &$0) }
            subjects = fields.defaultedObject("subjects") { SubjectSelector(reading: &$0) }
            rules = fields.objects("rules", isRequired: true) { Rule(reading: &$0) }
            unmatched = fields.choice("unmatched", default: .identifiers)
            if rules.isEmpty, fields.has("rules") { fields.fault(at: "rules", "must hold at least one rule") }
            for (index, rule) in rules.enumerated()
            where !rule.name.isEmpty && rules[..<index].contains(where: { $0.name == rule.name }) {
                fields.fault(at: "rules", "holds two rules named \(rule.name)")
            }
        }
    }

    package struct Rule: Sendable, Equatable {
        package var name: String
        package var match: Match
        package var action: MaskingAction
        /// Governed columns may decide which rows come back (`WHERE`, `JOIN`, `GROUP BY`, ...).
        package var allowPredicates: Bool
        /// Subjects the rule does not bind; empty: nobody.
        package var exceptSubjects: SubjectSelector

        package init(reading fields: inout MappingReader) {
            name = fields.string("name", .objectName)
            match = fields.object("match") { Match(reading: &$0) }
            action = fields.object("action") { MaskingAction(reading: &$0) }
            allowPredicates = fields.boolean("allowPredicates", default: false)
            exceptSubjects = fields.defaultedObject("exceptSubjects") { SubjectSelector(reading: &$0) }
        }
    }

    /// A column must meet every list that is not empty; `*` stands for any characters, also none.
    package struct Match: Sendable, Equatable {
        package var schemas: [String]
        package var tables: [String]
        package var columns: [String]
        package var dataTypes: [IdentifierKind]

        package init(reading fields: inout MappingReader) {
            schemas = fields.strings("schemas")
            tables = fields.strings("tables")
            columns = fields.strings("columns")
            dataTypes = fields.choices("dataTypes")
            if schemas.isEmpty, tables.isEmpty, columns.isEmpty, dataTypes.isEmpty {
                fields.fault("names no schema, table, column or data type")
            }
        }
    }

    /// What happens to columns no rule matches in a relation in which a rule governs another.
    package enum Unmatched: String, Sendable, CaseIterable {
        case allow = "Allow"
        case mask = "Mask"
        /// Those whose names tell of an identifier are redacted.
        case identifiers = "Identifiers"
    }
}
