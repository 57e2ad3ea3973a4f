import API
import Admission
import Kubernetes

extension ClusterView {
    /// Every pod that connections select and a workload makes anew. Others are left to their owners: a Job's pod would
    /// lose its work, and nobody replaces one without a controller.
    mutating func rolloutPods(image: String, hashes: inout InjectionHashes) -> [RolloutPod] {
        var pods: [RolloutPod] = []
        for namespace in namespacesWithConnections {
            for pod in self.pods(in: namespace) {
                guard pod.isLive, let controller = pod.controller, Workload.kinds.contains(controller.kind),
                    pod.labels[PodMark.bastion] == nil
                else { continue }
                let attachments = attachments(of: pod)
                guard !attachments.isEmpty, attachments.allSatisfy(\.obstacles.isEmpty),
                    pod.obstacle == nil
                else { continue }
                pods.append(
                    RolloutPod(
                        key: pod.key, uid: pod.uid,
                        workload: Workload(
                            namespace: namespace, kind: controller.kind, name: controller.name,
                            uid: controller.uid),
                        state: Self.state(of: pod, attachments, image: image, &hashes), isReady: pod.isReady,
                        rules: attachments.compactMap(\.bound?.connection).map(RolloutPod.Rule.init)))
            }
        }
        return pods
    }

    private static func state(
        of pod: ObservedPod, _ attachments: [Attachment], image: String, _ hashes: inout InjectionHashes
    ) -> RolloutPod.State {
        guard let gateway = pod.gateway else { return .missing }
        if hashes.hash(of: attachments, image: image) == pod.injectionHash { return .current }
        let isImage =
            gateway.isNative
            && hashes.hash(of: attachments, image: gateway.image) == pod.injectionHash
        return isImage ? .otherImage : .outdated
    }
}

extension RolloutPod.Rule {
    init(_ connection: DatabaseConnection) {
        let rollout = connection.spec.rollout
        self.init(
            connection: ObjectKey(
                namespace: connection.metadata.namespace, name: connection.metadata.name),
            strategy: .init(rollout.strategy), maxUnavailable: rollout.maxUnavailable,
            isPaused: rollout.paused)
    }
}

extension RolloutPod.Strategy {
    fileprivate init(_ strategy: DatabaseConnection.Rollout.Strategy) {
        switch strategy {
        case .inPlace: self = .inPlace
        case .templateRestart: self = .templateRestart
        case .onDelete: self = .onDelete
        }
    }
}
