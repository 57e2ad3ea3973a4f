import API
import Admission
import Kubernetes

extension ClusterView {
    /// Every pod of the namespace that connections select and a workload makes anew. Others are left to their owners:
    /// a Job's pod would lose its work, and nobody replaces one without a controller.
    mutating func rolloutPods(
        in namespace: String, image: String, hashes: inout InjectionHashes
    ) -> [RolloutPod] {
        var found: [RolloutPod] = []
        let pods = pods(in: namespace)
        let labels = labels(ofNamespace: namespace) ?? Self.namespaceLabels(shownBy: pods)
        for pod in pods {
            guard let controller = pod.controller, Workload.controllers.contains(controller.kind),
                pod.isLive || pod.isEnding && Workload.orderly.contains(controller.kind),
                pod.labels[PodMark.bastion] == nil
            else { continue }
            let attachments = attachments(of: pod)
            // One that no connection's gateway could be put into would come again without one.
            guard attachments.contains(where: { $0.bound.map { $0.obstacle == nil } ?? true }),
                attachments.allSatisfy(\.obstacles.isEmpty), pod.obstacle == nil,
                // Or without one of its connections, and is not let in for that.
                unreadableConnections(selecting: pod.labels, in: namespace).isEmpty
            else { continue }
            let optsIn = OptIn.isGiven(
                by: pod.labels, in: namespace, labels: labels, platformNamespace: platformNamespace)
            found.append(
                RolloutPod(
                    key: pod.key, uid: pod.uid,
                    controller: Workload(
                        namespace: namespace, kind: controller.kind, name: controller.name,
                        uid: controller.uid),
                    labels: pod.labels,
                    state: Self.state(of: pod, attachments, optsIn: optsIn, image: image, &hashes),
                    isReady: pod.isReady,
                    rules: attachments.compactMap(\.bound?.connection).map(RolloutPod.Rule.init)))
        }
        return found
    }

    /// Of a namespace whose labels are not known: a pod that has a gateway and does not ask for one has it by them.
    private static func namespaceLabels(shownBy pods: [ObservedPod]) -> [String: String] {
        let isShown = pods.contains { $0.gateway != nil && $0.labels[PodNames.inject] == nil }
        return isShown ? [PodNames.inject: PodNames.enabled] : [:]
    }

    private static func state(
        of pod: ObservedPod, _ attachments: [Attachment], optsIn: Bool, image: String,
        _ hashes: inout InjectionHashes
    ) -> RolloutPod.State {
        if pod.isEnding { return .ending }
        guard let gateway = pod.gateway else { return optsIn ? .missing : .kept }
        if hashes.hash(of: attachments, image: image) == pod.injectionHash { return .current }
        let isImage =
            gateway.isNative
            && hashes.hash(of: attachments, image: gateway.image) == pod.injectionHash
        if isImage { return .otherImage }
        return optsIn ? .outdated : .kept
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
