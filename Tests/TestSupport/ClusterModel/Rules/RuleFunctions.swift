import Kubernetes

/// The functions that rules of our schemas call.
enum RuleFunctions {
    static func call(_ name: String, _ arguments: [RuleValue]) throws(RuleError) -> RuleValue {
        switch (name, arguments.first, arguments.dropFirst().first) {
        case ("size", .string(let text)?, nil): return .integer(Int64(text.unicodeScalars.count))
        case ("size", .bytes(let bytes)?, nil): return .integer(Int64(bytes.count))
        case ("size", .list(let items)?, nil): return .integer(Int64(items.count))
        case ("size", .map(let fields)?, nil): return .integer(Int64(fields.count))
        case ("string", .integer(let number)?, nil): return .string("\(number)")
        case ("string", .string(let text)?, nil): return .string(text)
        case ("bytes", .string(let text)?, nil): return .bytes(Array(text.utf8))
        case ("duration", .string(let text)?, nil): return .duration(try duration(text))
        case ("timestamp", .string(let text)?, nil):
            guard let time = Timestamp(text) else { throw RuleError("\(text) is no timestamp") }
            return .timestamp(time)
        case ("startsWith", .string(let text)?, .string(let part)?):
            return .bool(text.unicodeScalars.starts(with: part.unicodeScalars))
        case ("endsWith", .string(let text)?, .string(let part)?):
            return .bool(text.unicodeScalars.reversed().starts(with: part.unicodeScalars.reversed()))
        case ("contains", .string(let text)?, .string(let part)?):
            return .bool(index(of: part, in: text) != nil)
        case ("matches", .string(let text)?, .string(let pattern)?):
            return .bool(Pattern.matches(text, pattern))
        case ("indexOf", .string(let text)?, .string(let part)?):
            return .integer(Int64(index(of: part, in: text) ?? -1))
        case ("substring", .string(let text)?, .integer(let start)?):
            return .string(try substring(text, start, arguments.dropFirst(2).first))
        case ("split", .string(let text)?, .string(let mark)?):
            let parts = text.split(separator: mark, omittingEmptySubsequences: false)
            return .list(parts.map { .string(String($0)) })
        default: throw RuleError("no such overload: \(name)")
        }
    }

    private static func index(of part: String, in text: String) -> Int? {
        let (text, part) = (Array(text.unicodeScalars), Array(part.unicodeScalars))
        guard part.count <= text.count else { return nil }
        return (0...(text.count - part.count)).first { text[$0...].starts(with: part) }
    }

    private static func substring(_ text: String, _ start: Int64, _ end: RuleValue?) throws(RuleError)
        -> String
    {
        let scalars = Array(text.unicodeScalars)
        var limit = Int64(scalars.count)
        if case .integer(let end)? = end { limit = end }
        guard 0 <= start, start <= limit, limit <= scalars.count else {
            throw RuleError("index out of range")
        }
        return String(String.UnicodeScalarView(scalars[Int(start)..<Int(limit)]))
    }

    /// Go's notation, as far as schemas let it through: `1h30m`, `250ms`; at most 290 years.
    private static func duration(_ text: String) throws(RuleError) -> Duration {
        let units: [(String, Int64)] = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        var rest = text[...]
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let amount = Int64(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }) else {
                throw RuleError("\(text) is no duration")
            }
            rest = rest.dropFirst(unit.0.count)
            let (part, isOver) = amount.multipliedReportingOverflow(by: unit.1)
            let (sum, isAlsoOver) = total.addingReportingOverflow(part)
            guard !isOver, !isAlsoOver, sum < Int64.max / 1_000_000 else {
                throw RuleError("\(text) is too long")
            }
            total = sum
        } while !rest.isEmpty
        return .milliseconds(total)
    }
}
