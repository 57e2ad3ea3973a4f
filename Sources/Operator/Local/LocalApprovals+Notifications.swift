import API
import Kubernetes
import Synchronization

extension LocalApprovals {
    /// Another after each change of requests and rules.
    var changeCount: Int { state.withLock(\.changeCount) }

    /// Where every request stands.
    func standings() -> [ApprovalStanding] {
        let (now, people) = (now().time, people())
        return state.withLock { state in
            state.requests.values.map { kept in
                let rule = state.rules[kept.request.spec.ruleRef]
                let metadata = kept.request.metadata
                return ApprovalStanding(
                    ObjectKey(namespace: metadata.namespace, name: metadata.name), identity: kept.identity,
                    kept.request.spec, judge(kept, rule, now, people: people), rule?.approval,
                    recorded: NotificationRecord.all(in: kept.document["status"]))
            }
        }
    }

    /// Keeps what has been told of the request of that name and identity, if there is one.
    func keep(_ records: [NotificationRecord], of name: String, identity: String) throws(Fault) {
        try state.withLock { state throws(Fault) in
            guard var kept = state.requests[name], kept.identity == identity else { return }
            kept.document["status", "notifications"] = .array(records.map(\.document))
            try keep(kept, in: &state)
        }
    }
}

extension KeptRequest {
    /// Tells it from another of its name.
    fileprivate var identity: String { request.spec.expiresAt }
}
