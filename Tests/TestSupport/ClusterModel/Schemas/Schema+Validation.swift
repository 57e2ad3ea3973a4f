import Kubernetes

extension Schema {
    /// What is wrong with a value's shape.
    func faults(in value: JSON, at path: String) -> [FieldFault] {
        if value == .null, json["nullable"]?.bool == true { return [] }
        guard isRightType(value) else {
            let expected = type ?? ""
            return [
                FieldFault(
                    reason: "FieldValueTypeInvalid", field: path,
                    message:
                        "Invalid value: \"\(value.typeName)\": \(path) in body must be of type \(expected): "
                        + "\"\(value.typeName)\"")
            ]
        }
        var faults = choiceFaults(value, path)
        switch value {
        case .string(let text): faults += textFaults(text, path)
        case .integer(let number): faults += numberFaults(number, path)
        case .array(let values): faults += listFaults(values, path)
        case .object(let fields): faults += objectFaults(fields, path)
        case .null, .bool, .number: break
        }
        return faults
    }

    private func isRightType(_ value: JSON) -> Bool {
        if json["x-kubernetes-int-or-string"]?.bool == true {
            return value.integer != nil || value.string != nil
        }
        return switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
            ("integer", .integer), ("number", .integer), ("number", .number), (nil, _):
            true
        default: false
        }
    }

    private func choiceFaults(_ value: JSON, _ path: String) -> [FieldFault] {
        guard let choices = json["enum"]?.array, !choices.contains(value) else { return [] }
        let list = choices.map { "\($0)" }.joined(separator: ", ")
        return [
            FieldFault(
                reason: "FieldValueNotSupported", field: path,
                message: "Unsupported value: \(value): supported values: \(list)")
        ]
    }

    private func textFaults(_ text: String, _ path: String) -> [FieldFault] {
        var faults: [FieldFault] = []
        let length = Int64(text.unicodeScalars.count)
        if let limit = json["maxLength"]?.integer, length > limit {
            faults.append(
                FieldFault(
                    reason: "FieldValueTooLong", field: path,
                    message: "Too long: may not be more than \(limit) bytes"))
        }
        if let least = json["minLength"]?.integer, length < least {
            faults.append(
                .invalid(path, .string(text), "\(path) in body should be at least \(least) chars long"))
        }
        if let pattern = json["pattern"]?.string, !Pattern.matches(text, pattern) {
            faults.append(.invalid(path, .string(text), "\(path) in body should match '\(pattern)'"))
        }
        if json["format"]?.string == "date-time", Timestamp(text) == nil {
            faults.append(.invalid(path, .string(text), "\(path) in body must be of type date-time"))
        }
        return faults
    }

    private func numberFaults(_ number: Int64, _ path: String) -> [FieldFault] {
        if let least = json["minimum"]?.integer, number < least {
            return [
                .invalid(
                    path, .integer(number), "\(path) in body should be greater than or equal to \(least)")
            ]
        }
        if let most = json["maximum"]?.integer, number > most {
            return [
                .invalid(path, .integer(number), "\(path) in body should be less than or equal to \(most)")
            ]
        }
        return []
    }

    private func listFaults(_ values: [JSON], _ path: String) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let limit = json["maxItems"]?.integer, values.count > limit {
            faults.append(
                FieldFault(
                    reason: "FieldValueTooMany", field: path,
                    message: "Too many: \(values.count): must have at most \(limit) items"))
        }
        if let least = json["minItems"]?.integer, values.count < least {
            faults.append(
                .invalid(
                    path, .integer(Int64(values.count)), "\(path) in body should have at least \(least) items"
                ))
        }
        for (index, value) in values.enumerated() {
            let isRepeated = values[..<index].contains { other in
                switch listType {
                case "map": listKeys.allSatisfy { other[$0] == value[$0] }
                case "set": other == value
                default: false
                }
            }
            if isRepeated {
                faults.append(
                    FieldFault(
                        reason: "FieldValueDuplicate", field: "\(path)[\(index)]",
                        message: "Duplicate value: \(value)"))
            }
            if let items { faults += items.faults(in: value, at: "\(path)[\(index)]") }
        }
        return faults
    }

    private func objectFaults(_ fields: JSON.Object, _ path: String) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let limit = json["maxProperties"]?.integer, fields.count > limit {
            faults.append(
                FieldFault(
                    reason: "FieldValueTooMany", field: path,
                    message: "Too many: must have at most \(limit) items"))
        }
        for name in json["required"]?.strings ?? [] where fields[name] == nil {
            faults.append(.required(path.isEmpty ? name : "\(path).\(name)"))
        }
        for (name, value) in fields {
            guard let child = child(name) else { continue }
            faults += child.faults(in: value, at: path.isEmpty ? name : "\(path).\(name)")
        }
        return faults
    }
}

/// Regular expressions of schemas and rules: those that RE2 and the standard library read alike.
enum Pattern {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.firstMatch(of: regex.matchingSemantics(.unicodeScalar)) != nil
    }
}

extension JSON {
    /// As a schema would name it.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
