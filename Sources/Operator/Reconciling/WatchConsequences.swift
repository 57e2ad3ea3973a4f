import API
import Kubernetes

/// What follows from what a watch has brought.
struct WatchConsequences: Sendable, Equatable {
    var requests = ReconcileRequests()
    /// Whose streams look again; `nil` for all.
    var namespaces: Set<String>? = []
    var pods: Set<String> = []
    /// Uids of pods.
    var gone: [String] = []
    /// Connections, policies and rules.
    var removed: [APIObject] = []

    /// Past so many changes at once, everything is looked at. Ours.
    static let manyChanges = 1000
}

extension ClusterView {
    /// Takes what a watch has brought; until everything has been read once, it only counts what is lost.
    mutating func consequences(
        of delivery: Mirror.Delivery, about kind: WatchedKind, scope: String?
    ) -> WatchConsequences {
        let wasSynced = isSynced
        let changes = take(delivery, of: kind, scope: scope)
        var consequences = WatchConsequences()
        for change in changes {
            guard let object = change.old, change.new?.uid != object.uid else { continue }
            switch kind {
            case .connections, .maskingPolicies, .approvalRules: consequences.removed.append(object)
            case .pods: consequences.gone.append(object.uid)
            case .approvalRequests, .namespaces, .snapshots, .bastions, .bastionServices: break
            }
        }
        guard isSynced else { return consequences }
        if wasSynced, changes.count < WatchConsequences.manyChanges {
            for change in changes { add(change, of: kind, to: &consequences) }
        } else {
            // What is gone is not among what there is.
            let gone = changes.filter { $0.new == nil }.compactMap { Self.reconcileKey($0.key, of: kind) }
            consequences.requests.now = allRequests.union(gone)
            consequences.namespaces = nil
        }
        return consequences
    }

    private func add(
        _ change: Mirror.Change, of kind: WatchedKind, to consequences: inout WatchConsequences
    ) {
        consequences.requests.formUnion(requests(after: change, of: kind))
        switch kind {
        case .connections, .maskingPolicies, .approvalRules:
            // Gateways are told nothing of it.
            if change.isOfStatusAlone { break }
            let isEverywhere = kind != .connections && change.key.namespace == platformNamespace
            if isEverywhere { consequences.namespaces = nil }
            consequences.namespaces?.insert(change.key.namespace)
        case .approvalRequests:
            for state in [change.old, change.new].compactMap(\.self) {
                state.metadata.labels[ApprovalRequest.gatewayLabel].map { _ = consequences.pods.insert($0) }
            }
        case .namespaces: consequences.namespaces?.insert(change.key.name)
        case .pods:
            guard let old = change.old else { break }
            if change.new?.metadata.labels != old.metadata.labels { consequences.pods.insert(old.uid) }
        case .snapshots, .bastions, .bastionServices: break
        }
    }

    /// What is looked at by its own name, also once it is gone.
    private static func reconcileKey(_ key: ObjectKey, of kind: WatchedKind) -> ReconcileKey? {
        switch kind {
        case .connections: .connection(key)
        case .approvalRequests: .approval(key)
        case .maskingPolicies, .approvalRules, .namespaces, .pods, .snapshots, .bastions, .bastionServices:
            nil
        }
    }
}
