package import API
package import Kubernetes

/// What is looked at as one: a connection with what it owns, or a policy's status.
package enum ReconcileKey: Sendable, Hashable {
    case connection(ObjectKey)
    case policy(ResourceKind, ObjectKey)
    case approval(ObjectKey)
}

/// What is to be looked at, and how soon.
struct ReconcileRequests: Sendable, Equatable {
    /// At once.
    var now: Set<ReconcileKey> = []
    /// After ``ReconcileDelay/counting``: counts, which many changes change.
    var soon: Set<ReconcileKey> = []

    mutating func formUnion(_ others: Self) {
        now.formUnion(others.now)
        soon.formUnion(others.soon)
    }
}

enum ReconcileDelay {
    /// Within which changes of pods are counted together.
    static let counting = Duration.milliseconds(500)
}

extension ClusterView {
    /// What has to be looked at because of a change that was taken.
    func requests(after change: Mirror.Change, of kind: WatchedKind) -> ReconcileRequests {
        let key = change.key
        var requests = ReconcileRequests()
        switch kind {
        case .connections:
            if change.isOfStatusAlone { break }
            requests.now = [.connection(key)]
            requests.soon = Self.keys(of: policyKeys(reaching: key.namespace))
            // What one has of a pod another lacks.
            requests.soon.formUnion(connectionKeys(in: key.namespace).map { .connection($0) })
            requests.soon.remove(.connection(key))
        case .maskingPolicies, .approvalRules:
            if change.isOfStatusAlone { break }
            let isPlatform = key.namespace == platformNamespace
            requests.now = Set(connectionKeys(in: isPlatform ? nil : key.namespace).map { .connection($0) })
            requests.soon = [.policy(kind == .maskingPolicies ? .maskingPolicy : .approvalRule, key)]
        case .approvalRequests:
            if change.isOfStatusAlone { break }
            requests.now = [.approval(key)]
        case .namespaces:
            requests.now = Set(connectionKeys(in: key.name).map { .connection($0) })
            requests.soon = Self.keys(of: policyKeys(in: platformNamespace))
        case .pods:
            let states = [change.old, change.new].compactMap(\.self)
            requests.soon = Set(
                states.flatMap { connectionKeys(selecting: $0.metadata.labels, in: key.namespace) }
                    .map { .connection($0) })
            if let old = change.old.map({ PodIdentity(key: key, uid: $0.uid) }), isGone(old) {
                requests.soon.formUnion(approvalKeys(of: old).map { .approval($0) })
            }
        case .snapshots, .bastions, .bastionServices:
            guard let name = OwnNames.connection(of: key.name) else { break }
            requests.now = [.connection(ObjectKey(namespace: key.namespace, name: name))]
        }
        return requests
    }

    /// Everything there is.
    var allRequests: Set<ReconcileKey> {
        Set(connectionKeys().map { .connection($0) }).union(Self.keys(of: policyKeys))
            .union(approvalKeys.map { .approval($0) })
    }

    private static func keys(of policies: [PolicyKey]) -> Set<ReconcileKey> {
        Set(policies.map { .policy($0.kind, $0.key) })
    }
}

extension Mirror.Change {
    /// Nothing but the status is another, which the operator wrote itself.
    var isOfStatusAlone: Bool {
        guard let old, let new else { return false }
        return old.isSame(as: new, but: "status")
    }
}

extension APIObject {
    /// Whether two states of an object differ in nothing but the field and what every write changes.
    func isSame(as other: APIObject, but field: String) -> Bool {
        guard uid == other.uid else { return false }
        func rest(_ content: JSON) -> JSON {
            var content = content
            content[field] = nil
            content["metadata", "resourceVersion"] = nil
            return content
        }
        return rest(content) == rest(other.content)
    }
}
