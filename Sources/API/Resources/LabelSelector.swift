/// Kubernetes' own selector over labels; every requirement must hold.
package struct LabelSelector: Sendable, Hashable {
    package enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package struct Requirement: Sendable, Hashable {
        package var key: String
        package var `operator`: Operator
        package var values: [String]

        package init(key: String, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    package var matchLabels: [String: String]
    package var matchExpressions: [Requirement]

    package init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// An empty selector selects everything.
    package var isEmpty: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    package init(reading fields: inout MappingReader) {
        matchLabels = fields.stringMap("matchLabels")
        matchExpressions = fields.objects("matchExpressions") { fields in
            let requirement = Requirement(
                key: fields.string("key"), operator: fields.choice("operator", else: .isIn),
                values: fields.strings("values", .any))
            switch requirement.operator {
            case .isIn, .notIn:
                if requirement.values.isEmpty { fields.fault(at: "values", "may not be empty here") }
            case .exists, .doesNotExist:
                if !requirement.values.isEmpty { fields.fault(at: "values", "must be empty here") }
            }
            return requirement
        }
    }
}
