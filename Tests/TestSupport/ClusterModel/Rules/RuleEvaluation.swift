import Kubernetes

/// Works out a rule for the names it may use.
struct RuleEvaluation {
    var names: [String: RuleValue]
    /// Only expressions of admission have one.
    var authorizer: RuleAuthorizer?

    func isTrue(_ text: String) throws(RuleError) -> Bool {
        guard case .bool(let value) = try value(of: text) else { throw RuleError("the rule is no boolean") }
        return value
    }

    func value(of text: String) throws(RuleError) -> RuleValue {
        let expression: RuleExpression
        do throws(RuleSyntaxError) {
            expression = try RuleParser.parse(text)
        } catch {
            throw RuleError(error.message)
        }
        return try value(of: expression)
    }

    func isTrue(_ expression: RuleExpression) throws(RuleError) -> Bool {
        guard case .bool(let value) = try value(of: expression) else {
            throw RuleError("the rule is no boolean")
        }
        return value
    }

    func value(of expression: RuleExpression) throws(RuleError) -> RuleValue {
        switch expression {
        case .literal(let value): return value
        case .name(let name):
            guard let value = names[name] else { throw RuleError("undeclared reference to '\(name)'") }
            return value
        case .list(let items):
            var values: [RuleValue] = []
            for item in items { values.append(try value(of: item)) }
            return .list(values)
        case .select(let operand, let name):
            guard case .map(let fields) = try value(of: operand), let value = fields[name] else {
                throw RuleError("no such key: \(name)")
            }
            return value
        case .index(let operand, let index):
            return try element(of: try value(of: operand), at: try value(of: index))
        case .call(let name, let receiver, let arguments): return try call(name, receiver, arguments)
        case .not(let operand): return .bool(try !isTrue(operand))
        case .negative(let operand):
            guard case .integer(let number) = try value(of: operand) else {
                throw RuleError("no such overload")
            }
            return .integer(-number)
        case .binary(let sign, let left, let right): return try binary(sign, left, right)
        case .condition(let condition, let first, let second):
            return try isTrue(condition) ? try value(of: first) : try value(of: second)
        }
    }

    private func element(of value: RuleValue, at index: RuleValue) throws(RuleError) -> RuleValue {
        switch (value, index) {
        case (.list(let items), .integer(let index)) where items.indices.contains(Int(index)):
            return items[Int(index)]
        case (.map(let fields), .string(let name)):
            guard let value = fields[name] else { throw RuleError("no such key: \(name)") }
            return value
        default: throw RuleError("index out of bounds")
        }
    }

    // MARK: - Operators

    private func binary(_ sign: String, _ left: RuleExpression, _ right: RuleExpression) throws(RuleError)
        -> RuleValue
    {
        if sign == "&&" || sign == "||" { return .bool(try logical(sign == "&&", left, right)) }
        let (first, second) = (try value(of: left), try value(of: right))
        switch sign {
        case "==": return .bool(first == second)
        case "!=": return .bool(first != second)
        case "in":
            switch second {
            case .list(let items): return .bool(items.contains(first))
            case .map(let fields):
                if case .string(let name) = first { return .bool(fields[name] != nil) }
                return .bool(false)
            default: throw RuleError("no such overload")
            }
        case "+", "-", "*", "/", "%": return try arithmetic(sign, first, second)
        default:
            let order = try compare(first, second)
            let isMet =
                switch sign {
                case "<": order < 0
                case "<=": order <= 0
                case ">": order > 0
                default: order >= 0
                }
            return .bool(isMet)
        }
    }

    /// One side may decide although the other has no result (cel-spec, "Logical operators").
    private func logical(_ isAnd: Bool, _ left: RuleExpression, _ right: RuleExpression) throws(RuleError)
        -> Bool
    {
        let failure: RuleError
        do {
            let first = try isTrue(left)
            return first == isAnd ? try isTrue(right) : first
        } catch {
            failure = error
        }
        let second = try isTrue(right)
        guard second == isAnd else { return second }
        throw failure
    }

    private func arithmetic(_ sign: String, _ left: RuleValue, _ right: RuleValue) throws(RuleError)
        -> RuleValue
    {
        switch (sign, left, right) {
        case ("+", .string(let first), .string(let second)): return .string(first + second)
        case ("+", .list(let first), .list(let second)): return .list(first + second)
        case (_, .integer(let first), .integer(let second)):
            let (result, isOver): (Int64, Bool) =
                switch sign {
                case "+": first.addingReportingOverflow(second)
                case "-": first.subtractingReportingOverflow(second)
                case "*": first.multipliedReportingOverflow(by: second)
                case "/": first.dividedReportingOverflow(by: second)
                default: first.remainderReportingOverflow(dividingBy: second)
                }
            guard !isOver else { throw RuleError("integer overflow") }
            return .integer(result)
        default: throw RuleError("no such overload")
        }
    }

    private func compare(_ left: RuleValue, _ right: RuleValue) throws(RuleError) -> Int {
        func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
            left < right ? -1 : left > right ? 1 : 0
        }
        return switch (left, right) {
        case (.integer(let left), .integer(let right)): order(left, right)
        case (.string(let left), .string(let right)): order(left, right)
        case (.duration(let left), .duration(let right)): order(left, right)
        case (.timestamp(let left), .timestamp(let right)): order(left, right)
        default: throw RuleError("no such overload")
        }
    }

    // MARK: - Calls

    private func call(
        _ name: String, _ receiver: RuleExpression?, _ arguments: [RuleExpression]
    ) throws(RuleError) -> RuleValue {
        if name == "has", receiver == nil, arguments.count == 1 { return .bool(try has(arguments[0])) }
        if let receiver, arguments.count == 2, case .name(let item) = arguments[0],
            ["all", "exists", "exists_one", "filter", "map"].contains(name)
        {
            return try comprehension(name, over: try value(of: receiver), item, arguments[1])
        }
        var values: [RuleValue] = []
        if let receiver { values.append(try value(of: receiver)) }
        for argument in arguments { values.append(try value(of: argument)) }
        if let authorizer, let asked = values.first,
            let result = try authorizer.call(name, on: asked, Array(values.dropFirst()))
        {
            return result
        }
        return try RuleFunctions.call(name, values)
    }

    private func has(_ expression: RuleExpression) throws(RuleError) -> Bool {
        guard case .select(let operand, let name) = expression, case .map(let fields) = try value(of: operand)
        else {
            throw RuleError("invalid argument to has() macro")
        }
        return fields[name] != nil
    }

    private func comprehension(
        _ name: String, over value: RuleValue, _ item: String, _ body: RuleExpression
    ) throws(RuleError) -> RuleValue {
        let items: [RuleValue]
        switch value {
        case .list(let list): items = list
        case .map(let fields): items = fields.keys.sorted().map { .string($0) }
        default: throw RuleError("no such overload")
        }
        var inner = self
        var kept: [RuleValue] = []
        for element in items {
            inner.names[item] = element
            if name == "map" {
                kept.append(try inner.value(of: body))
            } else if try inner.isTrue(body) {
                kept.append(element)
            }
        }
        return switch name {
        case "all": .bool(kept.count == items.count)
        case "exists": .bool(!kept.isEmpty)
        case "exists_one": .bool(kept.count == 1)
        default: .list(kept)
        }
    }
}
