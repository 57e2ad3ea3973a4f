package import API

extension SubjectSelector {
    /// Whether one of the lists names the subject, or its attributes are those asked for. A workload is no user of the
    /// same name.
    package func names(_ subject: Subject) -> Bool {
        let isNamed =
            switch subject.proof {
            case .gatewayUser, .token, .grant: users.contains(subject.name)
            case .workload: workloads.contains(subject.name)
            }
        return isNamed || subject.groups.contains { groups.contains($0) } || hasAttributes(subject)
    }

    private func hasAttributes(_ subject: Subject) -> Bool {
        !attributes.isEmpty
            && attributes.allSatisfy { name, value in
                subject.attributes[name].map { Glob(value).matches($0) } ?? false
            }
    }
}
