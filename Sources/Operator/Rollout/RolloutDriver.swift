import Admission
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

    /// Another for each restart, as a workload whose template stays the same starts nothing: names what the restart
    /// takes away, the ReplicaSet of a Deployment, and otherwise a pod. That is the one that a StatefulSet replaces
    /// last, so that whoever leads next asks for no other restart meanwhile.
    static func restartMark(for pod: RolloutPod, image: String) -> JSON {
        let replaced = pod.controller.kind == "ReplicaSet" ? pod.controller.uid : pod.uid
        return JSON([restartedFor: "\(image) \(replaced)"])
    }

    /// Until the task is cancelled.
    func run() async {
        var plan = RolloutPlan()
        var unreplaced: [ObjectKey] = []
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let wanted = await podCounts(wantedBy: plan.questions(at: start.duration(to: .now)))
            let now = start.duration(to: .now)
            let pods = pods()
            plan.answered(wanted, among: pods)
            let step = plan.next(
                among: pods, mayRenew: isWebhookHealthy(), at: now, chance: .random(in: 0...1))
            metrics.set(.rolloutHalted, plan.isHalted ? 1 : 0)
            if let step, await !perform(step) { plan.refused(step.workload, at: start.duration(to: .now)) }
            let late = plan.unreplaced(at: now)
            if late != unreplaced, !late.isEmpty {
                logger.warning("no pod has come in place of others", metadata: ["pods": "\(late)"])
            }
            unreplaced = late
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// A namespace at a time: admission waits for the view meanwhile.
    private func pods() -> [RolloutPod] {
        var hashes = InjectionHashes(injectionHash)
        let namespaces = state.withView { $0.isSynced ? $0.namespacesWithConnections : [] }
        return namespaces.flatMap { namespace in
            state.withView { view in
                view.rolloutPods(in: namespace, image: settings.sidecarImage, hashes: &hashes)
            }
        }
    }

    /// How many pods each of the workloads wants, without those that do not tell.
    func podCounts(wantedBy workloads: [Workload]) async -> [Workload: Int] {
        var counts: [Workload: Int] = [:]
        for workload in workloads {
            guard let resource = workload.resource else { continue }
            let key = ObjectKey(namespace: workload.namespace, name: workload.name)
            do {
                let object = try APIObject(try await server.answer(to: try .get(resource, key)))
                counts[workload] = workload.podCount(in: object)
            } catch {
                logger.info(
                    "a workload that waits for a pod is not read",
                    metadata: ["workload": "\(workload.kind) \(key)", "error": "\(error)"])
            }
        }
        return counts
    }

    /// - Returns: whether it was done.
    private func perform(_ step: RolloutStep) async -> Bool {
        do {
            switch step {
            case .patchImage(let pod): try await patch(pod)
            case .evict(let pod):
                _ = try await server.answer(to: try .evict(pod: pod.key, DeleteOptions(uid: pod.uid)))
            case .restart(let pod): try await restart(pod)
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
    private func restart(_ pod: RolloutPod) async throws {
        let controller = pod.controller
        var (resource, name): (APIResource, String)
        switch controller.kind {
        case "StatefulSet": (resource, name) = (.statefulSets, controller.name)
        case "DaemonSet": (resource, name) = (.daemonSets, controller.name)
        default:
            let key = ObjectKey(namespace: controller.namespace, name: controller.name)
            let set = try APIObject(try await server.answer(to: try .get(.replicaSets, key)))
            guard let owner = set.metadata.ownerReferences.first(where: { $0.kind == "Deployment" }) else {
                throw MalformedAnswer("ReplicaSet \(key) is of no Deployment")
            }
            (resource, name) = (.deployments, owner.name)
        }
        let mark = Self.restartMark(for: pod, image: settings.sidecarImage)
        _ = try await server.answer(
            to: try .patch(
                resource, ObjectKey(namespace: controller.namespace, name: name),
                merging: ["spec": ["template": ["metadata": ["annotations": mark]]]],
                WriteOptions(fieldManager: OwnNames.fieldManager)))
    }
}

extension RolloutStep {
    fileprivate var workload: Workload {
        switch self {
        case .patchImage(let pod), .evict(let pod), .restart(let pod): pod.workload
        }
    }

    fileprivate var summary: String {
        switch self {
        case .patchImage(let pod): "new image in \(pod.key)"
        case .evict(let pod): "evict \(pod.key)"
        case .restart(let pod):
            "restart \(pod.workload.kind) \(pod.workload.namespace)/\(pod.workload.name)"
        }
    }
}
