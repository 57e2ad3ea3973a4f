import Admission
import Kubernetes
import Logging
import NIOCore
import Synchronization

extension ControlPlane {
    func lead(recordingIn log: OperatorLog?) async throws {
        let notifier = notifier
        var reconciler = Reconciler(
            state: state, server: server, settings: settings, identity: identity, ledger: ledger,
            injectionHash: injectionHash, metrics: metrics, logger: logger, now: now,
            again: { [queue] key, delay in queue.add([key], after: delay) })
        reconciler.notifier = notifier
        reconciler.record = { await log?.note($0) }
        guard options.electsLeader else { return await work(reconciler, notifier) }
        let worker = Mutex<Task<Void, Never>?>(nil)
        let elector = LeaderElector(
            identity: options.identity,
            lease: ObjectKey(namespace: settings.namespace, name: "weir-operator"), of: server,
            timing: options.timing, clock: ContinuousClock(), wallTime: now)
        await elector.run { [reconciler] in
            logger.notice("leading", metadata: ["identity": "\(options.identity)"])
            let task = Task { await work(reconciler, notifier) }
            worker.withLock { $0 = task }
        } stopLeading: {
            let task = worker.withLock { $0 }
            task?.cancel()
            await task?.value
            logger.notice("no longer leading")
        } report: { error in
            logger.warning("lease", metadata: ["error": "\(error)"])
        }
        guard !Task.isCancelled else { return }
        throw LeaseLost()
    }

    /// `namespace:name` of its own.
    var account: @Sendable () async -> String {
        { [replicaIdentity, settings] in
            let own = await replicaIdentity.own()
            return "\(settings.namespace):\(own?.serviceAccount ?? "weir-operator")"
        }
    }

    private var notifier: Notifier {
        let ground = ClusterNotifications(
            server: server, state: state, account: account, logger: logger, now: now)
        return Notifier(
            ground: ground, on: loops.next(), link: options.approvalsLink, namesNamespace: true,
            metrics: metrics, logger: logger, now: now)
    }

    private var injectionHash: Reconciler.InjectionHash {
        { [injector] connections, image in
            var injector = injector
            injector.settings.sidecarImage = image
            return injector.injectionHash(for: connections)
        }
    }

    /// Between two looks for an authority, which is there within seconds of a start.
    private static let authorityInterval = Duration.milliseconds(100)

    /// What only the leader does; returns when the task is cancelled and nothing is under way any more.
    private func work(_ reconciler: Reconciler, _ notifier: Notifier) async {
        metrics.set(.isLeader, 1)
        // No snapshot is made without one.
        while identity.authorities() == nil, !Task.isCancelled {
            try? await Task.sleep(for: Self.authorityInterval)
        }
        queue.open()
        queue.add(state.withView { $0.isSynced ? $0.allRequests : [] })
        let rollout = RolloutDriver(
            state: state, server: server, settings: settings, injectionHash: injectionHash,
            isWebhookHealthy: { [identity] in identity.obstacle == nil }, metrics: metrics, logger: logger)
        await withDiscardingTaskGroup { group in
            group.addTask { await rollout.run() }
            group.addTask { await notifier.run() }
            group.addTask { [queue] in await queue.run { try await reconciler.reconcile($0) } }
        }
        metrics.set(.isLeader, 0)
    }
}
