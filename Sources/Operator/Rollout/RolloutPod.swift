package import Kubernetes

/// A pod that connections select, as a rollout sees it.
package struct RolloutPod: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case current
        /// Its gateway differs in nothing but the image, which a native sidecar can be given while the pod lives.
        case otherImage
        /// It takes another pod.
        case outdated
        /// Without a gateway.
        case missing
        /// Left as it is: it is outdated or has no gateway, and so would the next one have none.
        case kept
        /// On its way out, and in the way of the one that is to come.
        case ending
    }

    package enum Strategy: Sendable, Equatable {
        case inPlace, templateRestart, onDelete
    }

    /// What a connection says of how its pods are replaced.
    package struct Rule: Sendable, Equatable {
        package var connection: ObjectKey
        package var strategy: Strategy
        package var maxUnavailable: Int
        package var isPaused: Bool

        package init(
            connection: ObjectKey, strategy: Strategy = .inPlace, maxUnavailable: Int = 1,
            isPaused: Bool = false
        ) {
            self.connection = connection
            self.strategy = strategy
            self.maxUnavailable = maxUnavailable
            self.isPaused = isPaused
        }
    }

    package var key: ObjectKey
    package var uid: String
    /// Its owner by name and uid: the workload, or one of a Deployment's ReplicaSets.
    package var controller: Workload
    package var workload: Workload
    package var state: State
    package var isReady: Bool
    /// Of every connection that selects it.
    package var rules: [Rule]

    /// Whether it serves nobody, or soon will not.
    var isAway: Bool { !isReady || state == .ending }

    package init(
        key: ObjectKey, uid: String, controller: Workload, labels: [String: String], state: State,
        isReady: Bool, rules: [Rule]
    ) {
        self.key = key
        self.uid = uid
        self.controller = controller
        workload = Workload(of: controller, labels: labels)
        self.state = state
        self.isReady = isReady
        self.rules = rules
    }
}

/// One thing to do.
package enum RolloutStep: Sendable, Equatable {
    case patchImage(RolloutPod)
    case evict(RolloutPod)
    /// Has the pod's workload make its pods anew, of which this is the first.
    case restart(RolloutPod)
}
