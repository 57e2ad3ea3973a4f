/// Counts the rows of `generate_series` where its arguments are constants.
struct Series {
    let tree: SyntaxTree

    /// Rows of a call; `nil` when it is another function, or its arguments are no constants.
    func rows(of node: SyntaxTree.Node) -> Int? {
        guard tree.kind(node) == .funcCall, tree.texts(node, .funcname).last == "generate_series" else {
            return nil
        }
        let arguments = Array(tree.list(node, .args))
        guard arguments.count >= 2 else { return nil }
        if let first = number(arguments[0]), let last = number(arguments[1]) {
            return count(from: first, to: last, by: arguments.count > 2 ? number(arguments[2]) : 1)
        }
        guard arguments.count > 2, let first = moment(arguments[0]), let last = moment(arguments[1]) else {
            return nil
        }
        return count(from: first, to: last, by: interval(arguments[2]))
    }

    private func count(from first: Double, to last: Double, by step: Double?) -> Int? {
        guard let step, step != 0 else { return nil }
        return max(0, Self.count((last - first) / step + 1))
    }

    /// A whole number of rows.
    static func count(_ number: Double) -> Int {
        number < 0x1p62 ? Int(max(0, number)) : Demand.endless
    }

    /// A constant of numbers, also one that is computed from constants.
    func number(_ node: SyntaxTree.Node) -> Double? { number(node, depth: 0) }

    /// Operators within one another that are followed. Ours.
    private static let maximumDepth = 32

    private func number(_ node: SyntaxTree.Node, depth: Int) -> Double? {
        guard depth < Self.maximumDepth else { return nil }
        switch tree.kind(node) {
        case .aConst:
            if let text = tree.child(node, .sval) { return tree.text(text).flatMap { Double($0) } }
            if let float = tree.child(node, .fval) { return tree.string(float, .fval).flatMap { Double($0) } }
            return tree.child(node, .ival) == nil ? nil : tree.numeral(node).flatMap { Double($0) }
        case .typeCast:
            return tree.child(node, .arg).flatMap { number($0, depth: depth + 1) }
        case .aExpr:
            guard let name = tree.texts(node, .name).last,
                let right = tree.child(node, .rexpr).flatMap({ number($0, depth: depth + 1) })
            else { return nil }
            guard let left = tree.child(node, .lexpr) else { return name == "-" ? -right : right }
            guard let left = number(left, depth: depth + 1) else { return nil }
            switch name {
            case "+": return left + right
            case "-": return left - right
            case "*": return left * right
            case "/": return right == 0 ? nil : left / right
            case "^": return power(left, right)
            default: return nil
            }
        default: return nil
        }
    }

    private func power(_ base: Double, _ exponent: Double) -> Double? {
        guard exponent >= 0, exponent <= 64 else { return nil }
        return (0..<Int(exponent)).reduce(1) { result, _ in result * base }
    }

    // MARK: Moments

    /// Seconds since 0000-03-01 of a constant that begins with an ISO date.
    private func moment(_ node: SyntaxTree.Node) -> Double? {
        guard let text = constantText(node) else { return nil }
        let parts = text.prefix { $0 != " " && $0 != "T" }.split(separator: "-").map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (0...300_000).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Days of the civil calendar, years counted from March.
        let (shiftedYear, shiftedMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let days =
            shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
            + (shiftedMonth * 153 + 2) / 5 + day
        return Double(days) * 86_400 + clock(text.drop { $0 != " " && $0 != "T" }.dropFirst())
    }

    /// Seconds of `HH:MM:SS`, whatever follows.
    private func clock(_ text: Substring) -> Double {
        let parts = text.split(separator: ":").prefix(3).map { Double($0) ?? 0 }
        return zip(parts, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Seconds of a constant such as `1 day` or `00:15:00`.
    private func interval(_ node: SyntaxTree.Node) -> Double? {
        guard let text = constantText(node) else { return nil }
        let words = text.split(separator: " ")
        if words.count == 1, text.contains(":") { return clock(Substring(text)) }
        guard words.count == 2, let count = Double(words[0]),
            let unit = Self.units.first(where: { words[1].lowercased().hasPrefix($0.name) })
        else { return nil }
        return count * unit.seconds
    }

    /// The first that a word begins with counts.
    private static let units: [(name: String, seconds: Double)] = [
        ("micro", 1e-6), ("milli", 1e-3), ("sec", 1), ("min", 60), ("hour", 3600), ("day", 86_400),
        ("week", 604_800), ("mon", 2_629_800), ("year", 31_557_600), ("dec", 315_576_000),
    ]

    private func constantText(_ node: SyntaxTree.Node) -> String? {
        switch tree.kind(node) {
        case .aConst: tree.child(node, .sval).flatMap(tree.text(_:))
        case .typeCast: tree.child(node, .arg).flatMap(constantText(_:))
        default: nil
        }
    }
}
