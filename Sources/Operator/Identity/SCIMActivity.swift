import Kubernetes

/// What a message says of whether a user is active: `true`, `false`, or `nil` where it says nothing of it.
///
/// What says something that is no boolean is refused, and so is what may mean `active` and cannot be told:
/// the provider would take somebody for disabled who is not.
enum SCIMActivity {
    /// Of a user, as it is sent by POST and PUT.
    static func ofUser(_ json: JSON) throws(SCIMFault) -> Bool? {
        guard let fields = json.object else { throw SCIMFault(.invalidSyntax, "this is no user") }
        return try said(by: fields)
    }

    /// After all operations of a PATCH, of which the last counts (RFC 7644, section 3.5.2).
    static func afterPatch(_ json: JSON) throws(SCIMFault) -> Bool? {
        guard let operations = try json.object?.attribute("operations")?.array, !operations.isEmpty else {
            throw SCIMFault(.invalidSyntax, "there are no Operations")
        }
        var activity: Bool?
        for operation in operations { activity = try said(by: operation) ?? activity }
        return activity
    }

    // MARK: - Operations

    private static func said(by operation: JSON) throws(SCIMFault) -> Bool? {
        guard let fields = operation.object else { throw SCIMFault(.invalidSyntax, "this is no operation") }
        let path = try path(of: fields)
        switch try fields.attribute("op")?.string?.lowercased() {
        case "add", "replace":
            let value = try fields.attribute("value") ?? .null
            guard let path else {
                guard let values = value.object else {
                    throw SCIMFault(.invalidValue, "without a path, value is an object of attributes")
                }
                return try said(by: values)
            }
            return try said(by: value, at: path)
        case "remove":
            guard let path else { throw SCIMFault(.noTarget, "what is removed is named by a path") }
            guard path.attribute != "active", !path.isUserSchema else {
                throw SCIMFault(
                    .invalidValue, "active cannot be removed: replace it by true or false, or delete the user"
                )
            }
            return nil
        default:
            throw SCIMFault(.invalidSyntax, "op is one of add, replace and remove")
        }
    }

    /// `nil`: it is about the whole user.
    private static func path(of operation: JSON.Object) throws(SCIMFault) -> SCIMPath? {
        switch try operation.attribute("path") ?? .null {
        case .null: return nil
        case .string(let text) where text.isEmpty: return nil
        case .string(let text):
            if let path = SCIMPath(text) { return path }
            throw SCIMFault(.invalidPath, "path names no attribute")
        case .bool, .integer, .number, .array, .object:
            throw SCIMFault(.invalidPath, "path is a string")
        }
    }

    // MARK: - Attributes

    private static func said(by fields: JSON.Object) throws(SCIMFault) -> Bool? {
        var activity: Bool?
        for (name, value) in fields {
            guard let path = SCIMPath(name), let isActive = try said(by: value, at: path) else { continue }
            guard activity == nil else { throw SCIMFault(.invalidSyntax, "active is there twice") }
            activity = isActive
        }
        return activity
    }

    private static func said(by value: JSON, at path: SCIMPath) throws(SCIMFault) -> Bool? {
        if path.isUserSchema {
            guard let fields = value.object else {
                throw SCIMFault(.invalidValue, "the value of a schema is an object of attributes")
            }
            return try said(by: fields)
        }
        let isForeign =
            path.schema != nil
            && value.object?.names.contains { SCIMPath($0)?.attribute == "active" } ?? false
        guard path.attribute == "active" || isForeign else { return nil }
        guard path.isUser("active") else {
            throw SCIMFault(.invalidPath, "active is known as an attribute of \(SCIMPath.userSchema) only")
        }
        guard let isActive = boolean(value) else {
            throw SCIMFault(.invalidValue, "active is true or false")
        }
        return isActive
    }

    /// A boolean, or a text that says one, as some providers send.
    private static func boolean(_ json: JSON) -> Bool? {
        let json = json.onlyValue
        if let value = json.bool { return value }
        return switch json.string?.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }
}

extension JSON {
    /// Itself, or what it holds as the only item of a list or as a `value`, as some providers send it.
    var onlyValue: JSON {
        var json = self
        if let items = json.array, items.count == 1 { json = items[0] }
        if let fields = json.object, fields.count == 1, fields.names[0].lowercased() == "value" {
            json = fields[fields.names[0]] ?? .null
        }
        return json
    }
}
