import Kubernetes
import Logging

/// Keeps the shared view as the API server is, and tells who has to look again.
struct ClusterWatch: Sendable {
    let state: ClusterState
    let server: any APIServer
    let queue: ReconcileQueue<ReconcileKey>
    let hub: StreamHub
    let ledger: AcknowledgementLedger
    let removals: Removals
    let metrics: OperatorMetrics
    let logger: Logger

    /// Until the task is cancelled.
    func run() async {
        let watches = state.withView(\.watches)
        let canWatchList = await canWatchList()
        await withDiscardingTaskGroup { group in
            for (kind, scope) in watches {
                group.addTask { await run(kind, scope, canWatchList: canWatchList) }
            }
        }
    }

    /// A server that does not say how old it is is asked for lists.
    private func canWatchList() async -> Bool {
        guard let answer = try? await server.answer(to: .version),
            let version = try? ServerVersion(answer)
        else { return false }
        return version >= .firstWithWatchList
    }

    private func run(_ kind: WatchedKind, _ scope: String?, canWatchList: Bool) async {
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

    private func take(_ delivery: Mirror.Delivery, of kind: WatchedKind, _ scope: String?) {
        let consequences = state.withView { $0.consequences(of: delivery, about: kind, scope: scope) }
        metrics.set(.isSynced, state.isSynced ? 1 : 0)
        for uid in consequences.gone { ledger.forget(uid) }
        for object in consequences.removed { removals.note(object, of: kind.resource.kind) }
        if consequences.namespaces != [] { hub.wake(consequences.namespaces) }
        hub.wake(pods: consequences.pods)
        queue.add(consequences.requests.now)
        queue.add(consequences.requests.soon, after: ReconcileDelay.counting)
        metrics.set(.queueDepth, queue.depth)
    }
}
