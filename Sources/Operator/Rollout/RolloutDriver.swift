import Kubernetes
import Logging

/// Performs what ``RolloutPlan`` says, one step after the other.
struct RolloutDriver: Sendable {
    let state: ClusterState
    let server: any APIServer
    let settings: InstallationSettings
    let injectionHash: Reconciler.InjectionHash
    /// Whether pods that are made anew get a gateway.
    let isWebhookHealthy: @Sendable () -> Bool
    let metrics: OperatorMetrics
    let logger: Logger

    /// Between two looks.
    private static let interval = Duration.seconds(2)
    /// Annotation of a workload's template: for which gateways its pods were made anew.
    private static let restartedFor = "weir.dev/restarted-for"

    /// Names the ReplicaSet as well, so that another restart follows when an operator on its way out has still given
    /// the pods of the new one its own gateway: a Deployment whose template stays the same starts nothing.
    static func restartMark(_ workload: Workload, image: String) -> JSON {
        JSON([restartedFor: "\(image) \(workload.uid)"])
    }

    /// Until the task is cancelled.
    func run() async {
        var plan = RolloutPlan()
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let now = start.duration(to: .now)
            let pods = state.withView { view -> [RolloutPod] in
                guard view.isSynced else { return [] }
                var hashes = InjectionHashes(injectionHash)
                return view.rolloutPods(image: settings.sidecarImage, hashes: &hashes)
            }
            let step = plan.next(
                among: pods, mayRepair: isWebhookHealthy(), at: now, chance: .random(in: 0...1))
            metrics.set(.rolloutHalted, plan.isHalted ? 1 : 0)
            if let step, await !perform(step) { plan.refused(step.workload, at: start.duration(to: .now)) }
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// - Returns: whether it was done.
    private func perform(_ step: RolloutStep) async -> Bool {
        do {
            switch step {
            case .patchImage(let pod): try await patch(pod)
            case .evict(let pod):
                _ = try await server.answer(to: try .evict(pod: pod.key, DeleteOptions(uid: pod.uid)))
            case .restart(let workload): try await restart(workload)
            }
            metrics.add(.rolloutSteps)
            logger.notice("rollout", metadata: ["step": "\(step.summary)"])
            return true
        } catch {
            logger.warning("rollout refused", metadata: ["step": "\(step.summary)", "error": "\(error)"])
            return false
        }
    }

    private func patch(_ pod: RolloutPod) async throws {
        let found = state.withView { view -> (ObservedPod, String)? in
            guard let observed = view.pod(pod.key), observed.uid == pod.uid else { return nil }
            var hashes = InjectionHashes(injectionHash)
            return hashes.hash(of: view.attachments(of: observed), image: settings.sidecarImage)
                .map { (observed, $0) }
        }
        guard let (observed, hash) = found, let gateway = observed.gateway else { return }
        let place = "/spec/initContainers/\(gateway.index)"
        let mark = "/metadata/annotations/weir.dev~1injection-hash"
        let patch = try JSONPatch([
            ["op": "test", "path": .string("\(place)/name"), "value": .string(PodMark.container)],
            ["op": "test", "path": .string("\(place)/image"), "value": .string(gateway.image)],
            ["op": "replace", "path": .string("\(place)/image"), "value": .string(settings.sidecarImage)],
            ["op": "replace", "path": .string(mark), "value": .string(hash)],
        ])
        _ = try await server.answer(
            to: try .patch(.pods, pod.key, patch, WriteOptions(fieldManager: OwnNames.fieldManager)))
    }

    /// Has the workload make its pods anew, as `kubectl rollout restart` does.
    private func restart(_ workload: Workload) async throws {
        var (resource, name): (APIResource, String)
        switch workload.kind {
        case "StatefulSet": (resource, name) = (.statefulSets, workload.name)
        case "DaemonSet": (resource, name) = (.daemonSets, workload.name)
        default:
            let key = ObjectKey(namespace: workload.namespace, name: workload.name)
            let set = try APIObject(try await server.answer(to: try .get(.replicaSets, key)))
            guard let owner = set.metadata.ownerReferences.first(where: { $0.kind == "Deployment" }) else {
                throw MalformedAnswer("ReplicaSet \(key) is of no Deployment")
            }
            (resource, name) = (.deployments, owner.name)
        }
        let mark = Self.restartMark(workload, image: settings.sidecarImage)
        _ = try await server.answer(
            to: try .patch(
                resource, ObjectKey(namespace: workload.namespace, name: name),
                merging: ["spec": ["template": ["metadata": ["annotations": mark]]]],
                WriteOptions(fieldManager: OwnNames.fieldManager)))
    }
}

extension RolloutStep {
    fileprivate var workload: Workload {
        switch self {
        case .patchImage(let pod), .evict(let pod): pod.workload
        case .restart(let workload): workload
        }
    }

    fileprivate var summary: String {
        switch self {
        case .patchImage(let pod): "new image in \(pod.key)"
        case .evict(let pod): "evict \(pod.key)"
        case .restart(let workload): "restart \(workload.kind) \(workload.namespace)/\(workload.name)"
        }
    }
}
