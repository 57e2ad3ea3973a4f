import Kubernetes

extension Schema {
    /// What the rules of a schema say to a value of the right shape. `old` is what stood there before a change.
    func brokenRules(in value: JSON, old: JSON?, at path: String) -> [FieldFault] {
        var faults: [FieldFault] = []
        for rule in json["x-kubernetes-validations"]?.array ?? [] {
            faults += brokenRule(rule, value, old, path)
        }
        switch value {
        case .object(let fields):
            for (name, item) in fields {
                guard let child = child(name) else { continue }
                let place = path.isEmpty ? name : "\(path).\(name)"
                faults += child.brokenRules(in: item, old: old?[name], at: place)
            }
        case .array(let values):
            guard let items else { break }
            for (index, item) in values.enumerated() {
                faults += items.brokenRules(
                    in: item, old: predecessor(of: item, in: old), at: "\(path)[\(index)]")
            }
        case .null, .bool, .integer, .number, .string: break
        }
        return faults
    }

    /// Only items of lists by key have one.
    private func predecessor(of item: JSON, in old: JSON?) -> JSON? {
        guard listType == "map" else { return nil }
        return old?.array?.first { other in listKeys.allSatisfy { other[$0] == item[$0] } }
    }

    private func brokenRule(_ rule: JSON, _ value: JSON, _ old: JSON?, _ path: String) -> [FieldFault] {
        let text = rule["rule"]?.string ?? ""
        let isAboutChange = text.contains("oldSelf")
        guard !isAboutChange || old != nil else { return [] }
        var names = ["self": RuleValue(value, of: self)]
        if let old { names["oldSelf"] = RuleValue(old, of: self) }
        let why: String
        do {
            if try RuleEvaluation(names: names).isTrue(try RuleParser.parse(text)) { return [] }
            why = rule["message"]?.string ?? "failed rule: \(text)"
        } catch let error as RuleError {
            why = "\(text): \(error.message)"
        } catch let error as RuleSyntaxError {
            why = "\(text): \(error.message)"
        } catch {
            why = text
        }
        return [.invalid(path, value, why)]
    }
}
