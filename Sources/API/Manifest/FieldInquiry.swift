/// What a decoder asks of a field: the Swift side of a schema.
package struct FieldQuestion: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case string(StringFormat)
        case boolean
        case integer(ClosedRange<Int>)
        case duration(ClosedRange<Duration>)
        /// One of these texts.
        case choice([String])
        case object
        case list(upTo: Int)
        /// Strings by names of the writer's.
        case map(StringFormat, upTo: Int)
    }

    package var kind: Kind
    package var isRequired = false
    /// What an absent field counts as, where that is a value.
    package var fallback: ManifestNode.Value?
}

/// Takes down what the decoders ask while they read, by `spec.rules[].name`: the schemas of the custom resources are
/// held against it.
package final class FieldInquiry {
    package private(set) var questions: [String: FieldQuestion] = [:]

    package init() {}

    func note(_ path: String, _ kind: FieldQuestion.Kind) {
        let path = Self.withoutIndices(path)
        if questions[path] == nil { questions[path] = FieldQuestion(kind: kind) }
    }

    func require(_ path: String) {
        questions[Self.withoutIndices(path)]?.isRequired = true
    }

    func defaultValue(_ path: String, _ value: ManifestNode.Value) {
        questions[Self.withoutIndices(path)]?.fallback = value
    }

    /// `rules[3].name` as `rules[].name`.
    private static func withoutIndices(_ path: String) -> String {
        var isIndex = false
        return path.filter { character in
            if character == "]" { isIndex = false }
            defer { if character == "[" { isIndex = true } }
            return !isIndex
        }
    }
}

extension Resource {
    /// Everything the decoder asks while it reads the object, also of fields the object does not have.
    package static func questions(reading node: ManifestNode) -> [String: FieldQuestion] {
        let inquiry = FieldInquiry()
        var fields = MappingReader(node, faults: FaultList(inquiry: inquiry))
        _ = read(&fields, defaultNamespace: "")
        return inquiry.questions
    }
}
