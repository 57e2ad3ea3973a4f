/// A choice of subjects: those any of its lists names.
package struct SubjectSelector: Sendable, Hashable {
    /// Names of people and jobs that proved themselves with a credential of their own.
    package var users: [String]
    /// Groups of either.
    package var groups: [String]
    /// Names of workloads, as the gateway was started with.
    package var workloads: [String]
    /// Attributes that a subject has to have, all of them; `*` in a value stands for any number of characters.
    package var attributes: [String: String]
    /// Most of them.
    private static let maximumAttributes = 32

    package init(
        users: [String] = [], groups: [String] = [], workloads: [String] = [],
        attributes: [String: String] = [:]
    ) {
        self.users = users
        self.groups = groups
        self.workloads = workloads
        self.attributes = attributes
    }

    /// Names nobody; what that means depends on the field it stands in.
    package var isEmpty: Bool { users.isEmpty && groups.isEmpty && workloads.isEmpty && attributes.isEmpty }

    package init(reading fields: inout MappingReader) {
        users = fields.strings("users")
        groups = fields.strings("groups")
        workloads = fields.strings("workloads")
        attributes = fields.stringMap("attributes", .nonEmpty, upTo: Self.maximumAttributes)
        for name in attributes.keys.sorted() where StringFormat.dataKey.fault(in: name) != nil {
            fields.fault(
                at: "attributes", "has a name of other characters than letters, digits, '-', '_' and '.'")
        }
    }
}
