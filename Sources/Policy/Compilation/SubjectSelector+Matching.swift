import API

extension SubjectSelector {
    /// Whether one of the lists names the subject. A workload is no user of the same name.
    func names(_ subject: Subject) -> Bool {
        let isNamed =
            switch subject.proof {
            case .gatewayUser, .token, .grant: users.contains(subject.name)
            case .workload: workloads.contains(subject.name)
            }
        return isNamed || subject.groups.contains { groups.contains($0) }
    }
}
