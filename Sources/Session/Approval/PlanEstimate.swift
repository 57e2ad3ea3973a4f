/// How many rows the planner expects a statement to touch, read from the answer to `EXPLAIN (FORMAT JSON)` (PostgreSQL
/// documentation, `EXPLAIN`).
enum PlanEstimate {
    /// Longest plan read, in bytes. Ours.
    static let maximumLength = 1 << 20
    /// Deepest plan read: each node is an object in a list. Ours.
    private static let depthLimit = 256

    /// Rows written by all its parts, or returned where none writes; `nil` for what cannot be read.
    static func rows(in plan: [UInt8]) -> Double? {
        guard plan.count <= maximumLength else { return nil }
        var reader = Reader(bytes: plan)
        guard case .list(let plans)? = reader.value(depthLimit), reader.isAtEnd, !plans.isEmpty else {
            return nil
        }
        var total = 0.0
        for plan in plans {
            guard let root = plan["Plan"] else { return nil }
            var written: Double?
            guard count(root, &written), let rows = written ?? root["Plan Rows"]?.number else { return nil }
            total += rows
        }
        return total
    }

    /// Adds what the nodes write that change rows: as many as the plan below them yields.
    /// - Returns: `false` when that is not told.
    private static func count(_ node: Value, _ written: inout Double?) -> Bool {
        let children: [Value] = if case .list(let plans)? = node["Plans"] { plans } else { [] }
        if node["Node Type"]?.text == "ModifyTable" {
            let sources = children.filter { ["Outer", "Member"].contains($0["Parent Relationship"]?.text) }
            let rows = sources.compactMap { $0["Plan Rows"]?.number }
            guard !rows.isEmpty, rows.count == sources.count else { return false }
            written = rows.reduce(written ?? 0, +)
        }
        return children.allSatisfy { count($0, &written) }
    }

    /// What of JSON (RFC 8259) tells something here.
    private indirect enum Value {
        case object([(name: String, value: Value)])
        case list([Value])
        case text(String)
        case number(Double)
        case other

        subscript(_ name: String) -> Value? {
            if case .object(let fields) = self { fields.first { $0.name == name }?.value } else { nil }
        }

        var text: String? { if case .text(let text) = self { text } else { nil } }
        var number: Double? { if case .number(let number) = self { number } else { nil } }
    }

    private struct Reader {
        let bytes: [UInt8]
        private var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return offset == bytes.count
            }
        }

        private mutating func skipSpace() {
            while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            skipSpace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
            offset += 1
            return true
        }

        /// - Returns: `nil` for what is no value, or too deep.
        mutating func value(_ depth: Int) -> Value? {
            guard depth > 0 else { return nil }
            if take("{") { return fields(depth) }
            if take("[") {
                var items: [Value] = []
                if take("]") { return .list(items) }
                repeat {
                    guard let item = value(depth - 1) else { return nil }
                    items.append(item)
                } while take(",")
                return take("]") ? .list(items) : nil
            }
            if take("\"") { return text().map(Value.text) }
            let start = offset
            while offset < bytes.count, ![0x2C, 0x5D, 0x7D, 0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) {
                offset += 1
            }
            let word = String(decoding: bytes[start..<offset], as: UTF8.self)
            if ["true", "false", "null"].contains(word) { return .other }
            guard let number = Double(word), number.isFinite else { return nil }
            return .number(number)
        }

        private mutating func fields(_ depth: Int) -> Value? {
            var fields: [(name: String, value: Value)] = []
            if take("}") { return .object(fields) }
            repeat {
                guard take("\""), let name = text(), take(":"), let value = value(depth - 1) else {
                    return nil
                }
                fields.append((name, value))
            } while take(",")
            return take("}") ? .object(fields) : nil
        }

        /// The rest of a string, with its escapes left as they are: no name or word looked for has any.
        private mutating func text() -> String? {
            let start = offset
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
                offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard offset < bytes.count else { return nil }
            defer { offset += 1 }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
    }
}
