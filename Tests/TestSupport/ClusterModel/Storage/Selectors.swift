import Kubernetes

/// Which objects a list or watch is about: `labelSelector` and `fieldSelector`.
struct Selection: Sendable {
    private var requirements: [Requirement] = []
    private var fields: [(path: [String], value: String, isEqual: Bool)] = []

    private struct Requirement: Sendable {
        var key: String
        var values: Set<String>
        /// `nil`: whether it is there at all.
        var isIn: Bool?
        var exists = true
    }

    init(_ query: [String: String]) throws(APIFault) {
        for term in Self.terms(query["labelSelector"] ?? "") {
            requirements.append(try Self.requirement(term))
        }
        for term in Self.terms(query["fieldSelector"] ?? "") {
            let isEqual = !term.contains("!=")
            let parts = term.split(separator: isEqual ? "=" : "!=", omittingEmptySubsequences: false)
            guard parts.count >= 2 else { throw .badRequest("invalid field selector \(term)") }
            fields.append(
                (parts[0].split(separator: ".").map(String.init), String(parts[parts.count - 1]), isEqual))
        }
    }

    /// Of a selector in an object: `matchLabels` and `matchExpressions`; `nil` where it selects nothing.
    init(_ selector: JSON) {
        for (key, value) in selector["matchLabels"]?.stringMap ?? [:] {
            requirements.append(Requirement(key: key, values: [value], isIn: true))
        }
        for item in selector["matchExpressions"]?.array ?? [] {
            let key = item["key"]?.string ?? ""
            let values = Set(item["values"]?.strings ?? [])
            switch item["operator"]?.string {
            case "In": requirements.append(Requirement(key: key, values: values, isIn: true))
            case "NotIn": requirements.append(Requirement(key: key, values: values, isIn: false))
            case "Exists": requirements.append(Requirement(key: key, values: [], isIn: nil))
            default: requirements.append(Requirement(key: key, values: [], isIn: nil, exists: false))
            }
        }
    }

    func selects(_ object: JSON) -> Bool {
        selects(labels: object["metadata", "labels"]?.stringMap ?? [:])
            && fields.allSatisfy { field in
                var value: JSON? = object
                for name in field.path { value = value?[name] }
                return ((value?.string ?? "") == field.value) == field.isEqual
            }
    }

    func selects(labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            let value = labels[requirement.key]
            guard let isIn = requirement.isIn else { return (value != nil) == requirement.exists }
            return isIn
                ? value.map(requirement.values.contains) ?? false
                : !(value.map(requirement.values.contains) ?? false)
        }
    }

    /// Split at commas outside of parentheses.
    private static func terms(_ text: String) -> [String] {
        var terms: [String] = []
        var (term, depth) = ("", 0)
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                terms.append(term)
                term = ""
            } else {
                term.append(character)
            }
        }
        return (terms + [term]).map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    }

    private static func requirement(_ term: String) throws(APIFault) -> Requirement {
        if term.hasPrefix("!") {
            return Requirement(
                key: String(term.dropFirst()).trimmingSpaces, values: [], isIn: nil, exists: false)
        }
        if let open = term.firstIndex(of: "(") {
            let words = term[..<open].split(separator: " ").map(String.init)
            guard words.count == 2, term.hasSuffix(")"), words[1] == "in" || words[1] == "notin" else {
                throw .badRequest("unable to parse requirement: \(term)")
            }
            let values = term[term.index(after: open)...].dropLast().split(separator: ",")
            return Requirement(
                key: words[0], values: Set(values.map { String($0).trimmingSpaces }), isIn: words[1] == "in")
        }
        for (mark, isIn) in [("!=", false), ("==", true), ("=", true)] {
            let parts = term.split(separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                return Requirement(
                    key: String(parts[0]).trimmingSpaces, values: [String(parts[1]).trimmingSpaces],
                    isIn: isIn)
            }
        }
        return Requirement(key: term, values: [], isIn: nil)
    }
}

extension String {
    var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
