package import Kubernetes

/// Who makes pods anew.
package struct Workload: Sendable, Hashable {
    package var namespace: String
    /// `ReplicaSet`, `StatefulSet` or `DaemonSet`.
    package var kind: String
    package var name: String
    package var uid: String

    package init(namespace: String, kind: String, name: String, uid: String) {
        self.namespace = namespace
        self.kind = kind
        self.name = name
        self.uid = uid
    }

    /// Those that have a pod that is evicted made anew, without harm.
    package static let kinds: Set = ["ReplicaSet", "StatefulSet", "DaemonSet"]
}

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
    package var workload: Workload
    package var state: State
    package var isReady: Bool
    /// Of every connection that selects it.
    package var rules: [Rule]

    package init(
        key: ObjectKey, uid: String, workload: Workload, state: State, isReady: Bool, rules: [Rule]
    ) {
        self.key = key
        self.uid = uid
        self.workload = workload
        self.state = state
        self.isReady = isReady
        self.rules = rules
    }
}

/// One thing to do.
package enum RolloutStep: Sendable, Equatable {
    case patchImage(RolloutPod)
    case evict(RolloutPod)
    /// `pod` is the first of those to be replaced, by its uid.
    case restart(Workload, pod: String)
}

/// Which pod is next, so that no more than a few are away at a time and a mistake stops itself.
///
/// Time is of a clock that does not jump. What is remembered is of this process: one that begins anew is as careful
/// as at first.
package struct RolloutPlan: Sendable {
    /// Workloads in work at a time, and of them in one namespace.
    package static let maximumWorkloads = 5
    package static let maximumWorkloadsInNamespace = 1
    /// Between two steps; half as long again by chance.
    package static let spacing = Duration.seconds(5)
    /// How long a step may take to show in its workload's pods.
    package static let settling = Duration.seconds(20)
    /// How long a workload is left alone after a step of its was refused, as by its disruption budget, or after its
    /// new pods came without a gateway again.
    package static let retryDelay = Duration.seconds(60)
    /// Renewed pods that may be not ready before everything stops.
    package static let breaker = 1

    private var next = Duration.zero
    /// By the workload: when the last step was made, and for how many pods without a gateway steps were made in vain.
    private var steps: [Workload: Duration] = [:]
    private var blocked: [Workload: Duration] = [:]
    private var repaired: [Workload: Set<String>] = [:]
    /// For which pods its template was changed, by their uids.
    private var restarted: [Workload: Set<String>] = [:]

    package private(set) var isHalted = false

    package init() {}

    /// The next step; `nil` when there is none to make now. `mayRepair` tells whether pods that are made anew get a gateway;
    /// `chance` is from 0 to 1, at random.
    package mutating func next(
        among pods: [RolloutPod], mayRepair: Bool, at now: Duration, chance: Double
    ) -> RolloutStep? {
        let workloads = Dictionary(grouping: pods, by: \.workload)
        forget(allBut: Set(workloads.keys))
        let unready = pods.count { $0.state == .current && !$0.isReady && steps[$0.workload] != nil }
        isHalted = unready > Self.breaker
        guard !isHalted, now >= next else { return nil }
        let active = workloads.filter { isActive($0.key, $0.value, at: now) }.map(\.key)
        var unavailable: [ObjectKey: Int] = [:]
        for pod in pods where !pod.isReady {
            for rule in pod.rules { unavailable[rule.connection, default: 0] += 1 }
        }
        for (workload, members) in workloads.sorted(by: { $0.key < $1.key }) {
            guard !active.contains(workload), active.count < Self.maximumWorkloads,
                active.count(where: { $0.namespace == workload.namespace })
                    < Self.maximumWorkloadsInNamespace,
                blocked[workload] ?? .zero <= now,
                let step = step(for: workload, members, unavailable, mayRepair: mayRepair, at: now)
            else { continue }
            next = now + Self.spacing * (1 + chance / 2)
            steps[workload] = now
            return step
        }
        return nil
    }

    /// The API server did not let the last step of the workload happen.
    package mutating func refused(_ workload: Workload, at now: Duration) {
        blocked[workload] = now + Self.retryDelay
        restarted[workload] = nil
    }

    private mutating func forget(allBut workloads: Set<Workload>) {
        steps = steps.filter { workloads.contains($0.key) }
        blocked = blocked.filter { workloads.contains($0.key) }
        repaired = repaired.filter { workloads.contains($0.key) }
        restarted = restarted.filter { workloads.contains($0.key) }
    }

    /// A step of its is under way.
    private func isActive(_ workload: Workload, _ pods: [RolloutPod], at now: Duration) -> Bool {
        guard let last = steps[workload] else { return false }
        return now - last < Self.settling || pods.contains { $0.state == .current && !$0.isReady }
    }

    private mutating func step(
        for workload: Workload, _ pods: [RolloutPod], _ unavailable: [ObjectKey: Int], mayRepair: Bool,
        at now: Duration
    ) -> RolloutStep? {
        let due = pods.filter { pod in
            pod.state != .current && !pod.rules.contains { $0.isPaused || $0.strategy == .onDelete }
                && (pod.state != .missing || mayRepair)
        }
        // Those that serve nobody first.
        let ordered = due.sorted { ($0.isReady ? 1 : 0, $0.key) < ($1.isReady ? 1 : 0, $1.key) }
        guard
            let pod = ordered.first(where: { pod in
                pod.rules.allSatisfy { rule in
                    let others = (unavailable[rule.connection] ?? 0) - (pod.isReady ? 0 : 1)
                    return others < rule.maxUnavailable
                }
            })
        else { return nil }
        if pod.state == .missing, let before = repaired[workload], !before.contains(pod.uid) {
            // One that was made anew came without a gateway again: more would be no better.
            if !pods.contains(where: { $0.state == .current }) {
                repaired[workload] = nil
                blocked[workload] = now + Self.retryDelay * 10
                return nil
            }
        }
        if pod.state == .otherImage { return .patchImage(pod) }
        if pod.rules.contains(where: { $0.strategy == .templateRestart }) {
            return restart(workload, for: due)
        }
        if pod.state == .missing { repaired[workload, default: Set(due.map(\.uid))].insert(pod.uid) }
        return .evict(pod)
    }
}

extension RolloutPlan {
    /// Pods that were made by the last restart may be outdated by now: then another one follows.
    private mutating func restart(_ workload: Workload, for due: [RolloutPod]) -> RolloutStep? {
        let uids = Set(due.map(\.uid))
        guard !uids.isSubset(of: restarted[workload] ?? []), let first = due.min(by: { $0.key < $1.key })
        else { return nil }
        restarted[workload] = uids
        return .restart(workload, pod: first.uid)
    }
}

extension Workload: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.kind, left.name, left.uid) < (
            right.namespace, right.kind, right.name, right.uid
        )
    }
}
