extension JSON {
    /// The value with a merge patch applied (RFC 7386): `null` removes a field, a list is replaced whole.
    package func merging(_ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var fields = object ?? Object()
        for (name, change) in changes {
            if case .null = change {
                fields[name] = nil
            } else {
                fields[name] = (fields[name] ?? .null).merging(change)
            }
        }
        return .object(fields)
    }
}
