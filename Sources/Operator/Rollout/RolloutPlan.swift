import Kubernetes

/// Which pods are next, so that no more than a few are away at a time and a mistake stops itself.
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
    /// How long a workload counts as in work whose step has shown and does not end. Ours.
    package static let patience = Duration.seconds(600)
    /// How long a pod is waited for until it is asked how many the workload wants, and then between two questions.
    /// Ours.
    package static let questionInterval = Duration.seconds(30)
    /// How long a workload is left alone after a step of its was refused, as by its disruption budget.
    package static let retryDelay = Duration.seconds(60)
    /// How long it is after its new pods came without a gateway.
    package static let vainDelay = Duration.seconds(600)
    /// Renewed pods that may be not ready before everything stops.
    package static let breaker = 1

    private var next = Duration.zero
    private var progress: [Workload: WorkloadProgress] = [:]

    package private(set) var isHalted = false

    package init() {}

    /// The next step; `nil` when there is none to make now. `mayRenew` tells whether pods that are made anew get a
    /// gateway; `chance` is from 0 to 1, at random.
    package mutating func next(
        among pods: [RolloutPod], mayRenew: Bool, at now: Duration, chance: Double
    ) -> RolloutStep? {
        let workloads = Dictionary(grouping: pods, by: \.workload)
        look(at: workloads, now: now)
        let unready = pods.count {
            $0.state == .current && !$0.isReady && progress[$0.workload]?.hasSucceeded == false
        }
        isHalted = unready > Self.breaker
        guard !isHalted, now >= next else { return nil }
        let active = progress.filter { $0.value.isActive(workloads[$0.key] ?? [], at: now) }.map(\.key)
        let absences = absences(among: workloads)
        for (workload, members) in workloads.sorted(by: { $0.key < $1.key }) {
            guard !active.contains(workload), active.count < Self.maximumWorkloads,
                active.count(where: { $0.namespace == workload.namespace })
                    < Self.maximumWorkloadsInNamespace,
                progress[workload]?.mayGoOn(at: now) != false,
                let step = step(for: workload, members, absences, mayRenew: mayRenew)
            else { continue }
            next = now + Self.spacing * (1 + chance / 2)
            progress[workload, default: WorkloadProgress(since: now)].take(step, among: members, at: now)
            return step
        }
        return nil
    }

    /// The API server did not let the last step of the workload happen.
    mutating func refused(_ workload: Workload, at now: Duration) {
        progress[workload]?.refuse(at: now)
    }

    private mutating func look(at workloads: [Workload: [RolloutPod]], now: Duration) {
        for workload in Array(progress.keys) {
            progress[workload]?.look(at: workloads[workload] ?? [], now: now)
        }
        progress = progress.filter { workloads[$0.key] != nil || !$0.value.isOver(at: now) }
    }

    /// Workloads that wait for a pod, and of which is to be asked now how many they want: one that was scaled down
    /// meanwhile makes no other.
    mutating func questions(at now: Duration) -> [Workload] {
        var workloads: [Workload] = []
        for workload in progress.keys.sorted() where progress[workload]?.asks(at: now) == true {
            workloads.append(workload)
        }
        return workloads
    }

    /// How many pods workloads want, of those that tell. `pods` are those there are after they were asked.
    mutating func answered(_ wanted: [Workload: Int], among pods: [RolloutPod]) {
        for (workload, count) in wanted {
            progress[workload]?.look(at: pods.filter { $0.workload == workload }, wanted: count)
        }
    }

    /// Pods that were to be made anew long ago, and no other has come.
    func unreplaced(at now: Duration) -> [ObjectKey] {
        progress.values.filter { $0.isLate(at: now) }.compactMap(\.unreplaced?.key).sorted()
    }

    /// How many pods are away of each connection.
    private struct Absences {
        /// Those that are gone, and no other in their place.
        var gone: [ObjectKey: Int] = [:]
        /// With those that are there and serve nobody.
        var all: [ObjectKey: Int] = [:]

        /// One that serves nobody can be made anew beside others that do not, or what keeps them all from
        /// serving would never be mended. What is gone counts for it, too: perhaps none comes in its place.
        func allows(_ pod: RolloutPod) -> Bool {
            let count = pod.isReady ? all : gone
            return pod.rules.allSatisfy { count[$0.connection, default: 0] < $0.maxUnavailable }
        }
    }

    private func absences(among workloads: [Workload: [RolloutPod]]) -> Absences {
        var absences = Absences()
        for (workload, known) in progress {
            guard let pod = known.unreplaced else { continue }
            let gone = known.goneCount(from: workloads[workload] ?? [])
            for rule in pod.rules { absences.gone[rule.connection, default: 0] += gone }
        }
        absences.all = absences.gone
        for pod in workloads.values.joined() where pod.isAway {
            for rule in pod.rules { absences.all[rule.connection, default: 0] += 1 }
        }
        return absences
    }

    private func step(
        for workload: Workload, _ pods: [RolloutPod], _ absences: Absences, mayRenew: Bool
    ) -> RolloutStep? {
        let due = pods.filter { Self.isDue($0, mayRenew: mayRenew) }
        // Those that serve nobody first.
        let ordered = due.sorted { ($0.isReady ? 1 : 0, $0.key) < ($1.isReady ? 1 : 0, $1.key) }
        guard let pod = ordered.first(where: absences.allows) else { return nil }
        if pod.state == .otherImage { return .patchImage(pod) }
        guard pod.rules.contains(where: { $0.strategy == .templateRestart }) else { return .evict(pod) }
        // Pods that were made by the last restart may be outdated by now: then another one follows.
        let restarted = progress[workload]?.restarted ?? []
        return due.filter { !restarted.contains($0.uid) }.min { $0.key < $1.key }.map(RolloutStep.restart)
    }

    private static func isDue(_ pod: RolloutPod, mayRenew: Bool) -> Bool {
        guard !pod.rules.contains(where: { $0.isPaused || $0.strategy == .onDelete }) else { return false }
        return switch pod.state {
        case .current, .kept, .ending: false
        case .otherImage: true
        case .outdated, .missing: mayRenew
        }
    }
}
