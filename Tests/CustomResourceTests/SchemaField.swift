import API

/// One field of an OpenAPI schema, without its children.
struct SchemaField {
    var schema: ManifestNode
    var isRequired: Bool

    /// Every field at or below a schema, by `spec.rules[].name`; the entries of maps count to their field.
    static func all(of schema: ManifestNode, at path: String, isRequired: Bool) -> [String: SchemaField] {
        var fields = [path: SchemaField(schema: schema, isRequired: isRequired)]
        let required = schema["required"]?.texts ?? []
        for property in schema["properties"]?.fields ?? [] {
            let child = all(
                of: property.value, at: "\(path).\(property.key)", isRequired: required.contains(property.key)
            )
            fields.merge(child) { $1 }
        }
        if let items = schema["items"] {
            fields.merge(all(of: items, at: "\(path)[]", isRequired: false)) { $1 }
        }
        return fields
    }

    var choices: [String] { schema["enum"]?.texts ?? [] }

    /// The field in one line, as ``FieldQuestion/line`` has the decoder's side of it.
    var line: String {
        var words = [kind]
        if isRequired { words.append("required") }
        if let fallback = schema["default"]?.value { words.append("default \(fallback.text)") }
        return words.joined(separator: ", ")
    }

    private var kind: String {
        switch schema["type"]?.text {
        case "string":
            if !choices.isEmpty { return "one of \(choices.joined(separator: " "))" }
            if let bounds = durationBounds { return "duration \(bounds)" }
            let length = "\(schema["minLength"]?.text ?? "0")...\(schema["maxLength"]?.text ?? "?")"
            return "string of \(length) like \(schema["pattern"]?.text ?? schema["format"]?.text ?? "any")"
        case "integer":
            return "integer \(schema["minimum"]?.text ?? "?")...\(schema["maximum"]?.text ?? "?")"
        case "array": return "list up to \(schema["maxItems"]?.text ?? "?")"
        case "object":
            guard let entries = schema["additionalProperties"] else { return "object" }
            let field = SchemaField(schema: entries, isRequired: false)
            return "map up to \(schema["maxProperties"]?.text ?? "?") of \(field.line)"
        case let type: return type ?? "untyped"
        }
    }

    /// As the rule of every duration writes them.
    private var durationBounds: String? {
        guard schema["pattern"]?.text == SchemaPattern.duration else { return nil }
        let rule = schema["x-kubernetes-validations"]?.items.first?["rule"]?.text ?? ""
        let parts = rule.split(separator: "'").map(String.init)
        guard parts.count == 5, parts[0] == "duration(self) >= duration(",
            parts[2] == ") && duration(self) <= duration(", parts[4] == ")"
        else { return "without bounds" }
        return "\(parts[1])...\(parts[3])"
    }
}

extension FieldQuestion {
    var line: String {
        var words = [kind.text]
        if isRequired { words.append("required") }
        if let fallback { words.append("default \(fallback.text)") }
        return words.joined(separator: ", ")
    }
}

extension FieldQuestion.Kind {
    fileprivate var text: String {
        switch self {
        case .string(let format): format.schemaText
        case .boolean: "boolean"
        case .integer(let range): "integer \(range.lowerBound)...\(range.upperBound)"
        case .duration(let range):
            "duration \(range.lowerBound.manifestText)...\(range.upperBound.manifestText)"
        case .choice(let texts): "one of \(texts.joined(separator: " "))"
        case .object: "object"
        case .list(let limit): "list up to \(limit)"
        case .map(let format, let limit): "map up to \(limit) of \(format.schemaText)"
        }
    }
}

extension StringFormat {
    fileprivate var schemaText: String {
        let pattern = SchemaPattern(of: self)
        return "string of \(pattern.length.lowerBound)...\(pattern.length.upperBound) like \(pattern.regex)"
    }
}

extension ManifestNode {
    var fields: [Field] { if case .mapping(let fields) = value { fields } else { [] } }
    var items: [ManifestNode] { if case .sequence(let items) = value { items } else { [] } }
    var texts: [String] { items.map(\.text) }
    var text: String { value.text }
}

extension ManifestNode.Value {
    /// The value as a line has it.
    var text: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let text), .string(let text): text
        case .sequence(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case .mapping(let fields): "{\(fields.map { "\($0.key): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }
}
