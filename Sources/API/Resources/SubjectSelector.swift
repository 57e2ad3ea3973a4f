/// A choice of subjects: those any of its lists names.
package struct SubjectSelector: Sendable, Hashable {
    /// Names of people and jobs that proved themselves with a credential of their own.
    package var users: [String]
    /// Groups of either.
    package var groups: [String]
    /// Names of workloads, as the gateway was started with.
    package var workloads: [String]

    package init(users: [String] = [], groups: [String] = [], workloads: [String] = []) {
        self.users = users
        self.groups = groups
        self.workloads = workloads
    }

    /// Names nobody; what that means depends on the field it stands in.
    package var isEmpty: Bool { users.isEmpty && groups.isEmpty && workloads.isEmpty }

    package init(reading fields: inout MappingReader) {
        users = fields.strings("users")
        groups = fields.strings("groups")
        workloads = fields.strings("workloads")
    }
}
