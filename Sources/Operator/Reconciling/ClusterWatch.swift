import API
import Kubernetes
import Logging

/// Keeps the shared view as the API server is, and tells who has to look again.
struct ClusterWatch: Sendable {
    let state: ClusterState
    let server: any APIServer
    let queue: ReconcileQueue<ReconcileKey>
    let hub: StreamHub
    let ledger: AcknowledgementLedger
    let metrics: OperatorMetrics
    let canWatchList: Bool
    let logger: Logger

    /// Past so many changes at once, everything is looked at. Ours.
    private static let manyChanges = 1000

    /// Until the task is cancelled.
    func run() async {
        let watches = state.withView(\.watches)
        await withDiscardingTaskGroup { group in
            for (kind, scope) in watches {
                group.addTask { await run(kind, scope) }
            }
        }
    }

    private func run(_ kind: WatchedKind, _ scope: String?) async {
        let reflector = Reflector(
            kind.resource, Selection(namespace: scope, labelSelector: kind.labelSelector), of: server,
            keeping: kind.projection, canWatchList: canWatchList, clock: ContinuousClock())
        await reflector.run { delivery in
            switch delivery {
            case .all(let objects): take(.all(objects), of: kind, scope)
            case .change(let event): take(.change(event), of: kind, scope)
            }
        } report: { error in
            metrics.add(.watchFailures)
            // Servers send no bookmarks of resources that have not changed since they started.
            let level: Logger.Level = error == .transport(.silent) ? .debug : .warning
            logger.log(
                level: level, "watch failed",
                metadata: ["resource": "\(kind.resource.name)", "error": "\(error)"])
        }
    }

    private struct Consequences: Sendable {
        var requests = ReconcileRequests()
        /// Whose streams look again; `nil` for all.
        var namespaces: Set<String>? = []
        var pods: Set<String> = []
        var gone: [String] = []
    }

    private func take(_ delivery: Mirror.Delivery, of kind: WatchedKind, _ scope: String?) {
        let consequences = state.withView { view -> Consequences in
            let wasSynced = view.isSynced
            let changes = view.take(delivery, of: kind, scope: scope)
            guard view.isSynced else { return Consequences() }
            guard wasSynced, changes.count < Self.manyChanges else {
                return Consequences(requests: ReconcileRequests(now: view.allRequests), namespaces: nil)
            }
            return changes.reduce(into: Consequences()) { Self.add($1, of: kind, to: &$0, view) }
        }
        metrics.set(.isSynced, state.isSynced ? 1 : 0)
        for uid in consequences.gone { ledger.forget(uid) }
        if consequences.namespaces != [] { hub.wake(consequences.namespaces) }
        hub.wake(pods: consequences.pods)
        queue.add(consequences.requests.now)
        queue.add(consequences.requests.soon, after: ReconcileDelay.counting)
        metrics.set(.queueDepth, queue.depth)
    }

    private static func add(
        _ change: Mirror.Change, of kind: WatchedKind, to consequences: inout Consequences,
        _ view: ClusterView
    ) {
        let requests = view.requests(after: change, of: kind)
        consequences.requests.now.formUnion(requests.now)
        consequences.requests.soon.formUnion(requests.soon)
        switch kind {
        case .connections, .maskingPolicies, .approvalRules:
            let isEverywhere = kind != .connections && change.key.namespace == view.platformNamespace
            if isEverywhere { consequences.namespaces = nil }
            consequences.namespaces?.insert(change.key.namespace)
        case .approvalRequests:
            for state in [change.old, change.new].compactMap(\.self) {
                state.metadata.labels[ApprovalRequest.gatewayLabel].map { _ = consequences.pods.insert($0) }
            }
        case .namespaces: consequences.namespaces?.insert(change.key.name)
        case .pods:
            guard let old = change.old else { break }
            if change.new == nil { consequences.gone.append(old.uid) }
            if change.new?.metadata.labels != old.metadata.labels { consequences.pods.insert(old.uid) }
        case .snapshots, .bastions, .bastionServices: break
        }
    }
}
