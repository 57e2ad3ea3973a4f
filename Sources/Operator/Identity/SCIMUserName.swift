import Kubernetes

/// What a message says of a user's name: how they are called from then on; `nil` where it says nothing of it.
///
/// A name that cannot be told is refused: the provider would tell of somebody by a name that nobody knows here.
enum SCIMUserName {
    /// Of a user, as it is sent by PUT.
    static func ofUser(_ json: JSON) throws(SCIMFault) -> String? {
        try said(by: json.object ?? JSON.Object())
    }

    /// After all operations of a PATCH that ``SCIMActivity`` has read, of which the last counts.
    static func afterPatch(_ json: JSON) throws(SCIMFault) -> String? {
        var name: String?
        for operation in try json.object?.attribute("operations")?.array ?? [] {
            name = try said(by: operation) ?? name
        }
        return name
    }

    private static func said(by operation: JSON) throws(SCIMFault) -> String? {
        guard let fields = operation.object else { return nil }
        let value = try fields.attribute("value") ?? .null
        let text = try fields.attribute("path")?.string ?? ""
        guard let path = SCIMPath(text) else { return try said(by: value.object ?? JSON.Object()) }
        guard try fields.attribute("op")?.string?.lowercased() != "remove" else {
            guard !path.isUser("username") else {
                throw SCIMFault(.invalidValue, "userName cannot be removed")
            }
            return nil
        }
        return try said(by: value, at: path)
    }

    private static func said(by fields: JSON.Object) throws(SCIMFault) -> String? {
        var found: String?
        for (name, value) in fields where value != .null {
            guard let path = SCIMPath(name), let text = try said(by: value, at: path) else { continue }
            guard found == nil else { throw SCIMFault(.invalidSyntax, "userName is there twice") }
            found = text
        }
        return found
    }

    private static func said(by value: JSON, at path: SCIMPath) throws(SCIMFault) -> String? {
        if path.isUserSchema { return try said(by: value.object ?? JSON.Object()) }
        guard path.isUser("username") else { return nil }
        guard let name = value.onlyValue.string else {
            throw SCIMFault(.invalidValue, "userName is a string")
        }
        return name
    }
}
