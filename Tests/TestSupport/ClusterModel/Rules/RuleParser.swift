/// An expression of the Common Expression Language, the part that rules of schemas use.
indirect enum RuleExpression: Sendable, Equatable {
    case literal(RuleValue)
    case name(String)
    case list([RuleExpression])
    case select(RuleExpression, String)
    case index(RuleExpression, RuleExpression)
    /// A function, or a method with its receiver first.
    case call(String, receiver: RuleExpression?, [RuleExpression])
    case not(RuleExpression)
    case negative(RuleExpression)
    case binary(String, RuleExpression, RuleExpression)
    case condition(RuleExpression, RuleExpression, RuleExpression)
}

/// Why a rule cannot be read.
struct RuleSyntaxError: Error, Equatable {
    var message: String
}

/// Reads a rule, operators by their precedence (cel-spec, "Syntax").
struct RuleParser {
    private enum Token: Equatable {
        case name(String)
        case number(Int64)
        case text(String)
        case mark(String)
        case end
    }

    private var tokens: [Token] = []
    private var index = 0

    static func parse(_ text: String) throws(RuleSyntaxError) -> RuleExpression {
        var parser = try RuleParser(text)
        let expression = try parser.expression()
        guard parser.peek == .end else { throw RuleSyntaxError(message: "unexpected text in \(text)") }
        return expression
    }

    private static let marks = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{",
        "}", ",",
        ".", "?", ":",
    ]

    private init(_ text: String) throws(RuleSyntaxError) {
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first.isLetter || first == "_" {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.name(String(name)))
                rest = rest.dropFirst(name.count)
            } else if first.isNumber {
                let digits = rest.prefix(while: \.isNumber)
                guard let number = Int64(digits) else {
                    throw RuleSyntaxError(message: "\(digits) is no number")
                }
                tokens.append(.number(number))
                rest = rest.dropFirst(digits.count)
            } else if first == "'" || first == "\"" {
                tokens.append(.text(try Self.string(&rest)))
            } else if let mark = Self.marks.first(where: { rest.hasPrefix($0) }) {
                tokens.append(.mark(mark))
                rest = rest.dropFirst(mark.count)
            } else {
                throw RuleSyntaxError(message: "\(first) has no meaning")
            }
        }
        tokens.append(.end)
    }

    private static func string(_ rest: inout Substring) throws(RuleSyntaxError) -> String {
        let quote = rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case let escaped?: text.append(escaped)
            case nil: throw RuleSyntaxError(message: "a string has no end")
            }
        }
        throw RuleSyntaxError(message: "a string has no end")
    }

    private var peek: Token { tokens[index] }

    private mutating func take(_ mark: String) -> Bool {
        guard peek == .mark(mark) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ mark: String) throws(RuleSyntaxError) {
        guard take(mark) else { throw RuleSyntaxError(message: "\(mark) is missing") }
    }

    private mutating func expression() throws(RuleSyntaxError) -> RuleExpression {
        let condition = try binary(0)
        guard take("?") else { return condition }
        let first = try expression()
        try expect(":")
        return .condition(condition, first, try expression())
    }

    private static let levels = [
        ["||"], ["&&"], ["==", "!=", "<=", ">=", "<", ">", "in"], ["+", "-"], ["*", "/", "%"],
    ]

    private mutating func binary(_ level: Int) throws(RuleSyntaxError) -> RuleExpression {
        guard level < Self.levels.count else { return try unary() }
        var left = try binary(level + 1)
        while true {
            let sign: String
            switch peek {
            case .mark(let mark) where Self.levels[level].contains(mark): sign = mark
            case .name("in") where Self.levels[level].contains("in"): sign = "in"
            default: return left
            }
            index += 1
            left = .binary(sign, left, try binary(level + 1))
        }
    }

    private mutating func unary() throws(RuleSyntaxError) -> RuleExpression {
        if take("!") { return .not(try unary()) }
        if take("-") { return .negative(try unary()) }
        return try member()
    }

    private mutating func member() throws(RuleSyntaxError) -> RuleExpression {
        var value = try primary()
        while true {
            if take(".") {
                guard case .name(let name) = peek else { throw RuleSyntaxError(message: "a name is missing") }
                index += 1
                value =
                    take("(")
                    ? .call(name, receiver: value, try arguments(until: ")"))
                    : .select(value, Self.unescaped(name))
            } else if take("[") {
                value = .index(value, try expression())
                try expect("]")
            } else {
                return value
            }
        }
    }

    private mutating func primary() throws(RuleSyntaxError) -> RuleExpression {
        if take("(") {
            let inner = try expression()
            try expect(")")
            return inner
        }
        if take("[") { return .list(try arguments(until: "]")) }
        // No map but the empty one is written in any rule.
        if take("{") {
            try expect("}")
            return .literal(.map([:]))
        }
        let token = peek
        index += 1
        switch token {
        case .number(let number): return .literal(.integer(number))
        case .text(let text): return .literal(.string(text))
        case .name("true"): return .literal(.bool(true))
        case .name("false"): return .literal(.bool(false))
        case .name("null"): return .literal(.null)
        case .name(let name):
            return take("(") ? .call(name, receiver: nil, try arguments(until: ")")) : .name(name)
        case .mark, .end: throw RuleSyntaxError(message: "a value is missing")
        }
    }

    private mutating func arguments(until end: String) throws(RuleSyntaxError) -> [RuleExpression] {
        var values: [RuleExpression] = []
        if take(end) { return values }
        repeat { values.append(try expression()) } while take(",")
        try expect(end)
        return values
    }

    /// Fields whose names are words of the language are written `__namespace__`.
    private static func unescaped(_ name: String) -> String {
        guard name.hasPrefix("__"), name.hasSuffix("__"), name.count > 4 else { return name }
        return String(name.dropFirst(2).dropLast(2))
    }
}
