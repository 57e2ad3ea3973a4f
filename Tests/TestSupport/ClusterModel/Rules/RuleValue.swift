import Kubernetes

/// What an expression is worth.
indirect enum RuleValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case bytes([UInt8])
    case duration(Duration)
    case timestamp(Timestamp)
    case list([RuleValue])
    case map([String: RuleValue])

    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let text), .string(let text): self = .string(text)
        case .array(let items): self = .list(items.map { RuleValue($0) })
        case .object(let fields):
            self = .map(Dictionary(fields.map { ($0.name, RuleValue($0.value)) }, uniquingKeysWith: { $1 }))
        }
    }

    /// As the API server tells a schema's values to rules: times are times.
    init(_ json: JSON, of schema: Schema) {
        switch json {
        case .string(let text) where schema.json["format"]?.string == "date-time":
            self = Timestamp(text).map { .timestamp($0) } ?? .string(text)
        case .array(let items):
            self = .list(
                items.map { item in schema.items.map { RuleValue(item, of: $0) } ?? RuleValue(item) })
        case .object(let fields):
            var map: [String: RuleValue] = [:]
            for (name, value) in fields {
                map[name] = schema.child(name).map { RuleValue(value, of: $0) } ?? RuleValue(value)
            }
            self = .map(map)
        case .null, .bool, .integer, .number, .string: self = RuleValue(json)
        }
    }
}

/// Why a rule has no result.
struct RuleError: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}
