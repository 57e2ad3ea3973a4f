/// What a rollout remembers of a workload from its last step on.
struct WorkloadProgress: Sendable {
    /// When the step was made.
    private var since: Duration
    /// Pods there were before any of them was made anew, by uid.
    private var before: Set<String>?
    /// The pod that was to be made anew, until any other one has come or none is wanted. Without it more would be
    /// away with each step.
    private(set) var unreplaced: RolloutPod?
    /// When it was last asked how many pods the workload wants.
    private var asked = Duration.zero
    /// For which pods the template was changed, by uid.
    private(set) var restarted: Set<String> = []
    /// Left alone until then.
    private var rest = Duration.zero
    /// The pods that the step has made are ready, or were: what becomes of them later is of another cause.
    private(set) var hasSucceeded = false

    init(since: Duration) {
        self.since = since
    }

    // MARK: - What happens

    /// A step is made while these are the workload's pods.
    mutating func take(_ step: RolloutStep, among pods: [RolloutPod], at now: Duration) {
        (since, hasSucceeded) = (now, false)
        let uids = Set(pods.map(\.uid))
        switch step {
        case .patchImage: break
        case .evict(let pod): (before, unreplaced) = (uids, pod)
        case .restart(let first):
            (before, unreplaced) = (uids, first)
            // Pods of another ReplicaSet are no less due, for a restart of their own.
            let replaced = pods.filter { $0.state != .current && $0.controller == first.controller }
            restarted = restarted.intersection(uids).union(replaced.map(\.uid))
        }
    }

    /// The API server did not let the step happen.
    mutating func refuse(at now: Duration) {
        (before, unreplaced, restarted) = (nil, nil, [])
        rest = now + RolloutPlan.retryDelay
    }

    /// These are the workload's pods by now.
    mutating func look(at pods: [RolloutPod], now: Duration) {
        findRenewed(among: pods, now: now)
        let current = pods.filter { $0.state == .current }
        // A pod with a new image counts as ready until kubelet has stopped the gateway.
        if now - since >= RolloutPlan.settling, unreplaced == nil, !current.isEmpty,
            current.allSatisfy(\.isReady), !pods.contains(where: { restarted.contains($0.uid) })
        {
            hasSucceeded = true
        }
    }

    private mutating func findRenewed(among pods: [RolloutPod], now: Duration) {
        guard let before else { return }
        let renewed = pods.filter { !before.contains($0.uid) }
        if !renewed.isEmpty { unreplaced = nil }
        // Those that were made anew came without a gateway: more would be no better.
        guard renewed.contains(where: { $0.state == .missing }),
            !renewed.contains(where: { $0.state == .current })
        else { return }
        self.before = nil
        rest = now + RolloutPlan.vainDelay
    }

    /// The workload wants so many pods, and these are its: where none is missing, none is to come.
    mutating func look(at pods: [RolloutPod], wanted: Int) {
        guard let gone = unreplaced, !pods.contains(where: { $0.uid == gone.uid }) else { return }
        if pods.count(where: { $0.state != .ending }) >= wanted { unreplaced = nil }
    }

    /// - Returns: whether it is time to ask how many pods the workload wants, which then is asked.
    mutating func asks(at now: Duration) -> Bool {
        guard unreplaced != nil, now - max(since, asked) >= RolloutPlan.questionInterval else { return false }
        asked = now
        return true
    }

    // MARK: - What follows

    /// Whether the step is under way.
    func isActive(_ pods: [RolloutPod], at now: Duration) -> Bool {
        if now - since < RolloutPlan.settling { return true }
        if !hasSucceeded, pods.contains(where: { $0.state == .current && !$0.isReady }) { return true }
        guard !isLate(at: now) else { return false }
        return unreplaced != nil || pods.contains { $0.state == .ending || restarted.contains($0.uid) }
    }

    /// How many are not there any more, and no other in their place.
    func goneCount(from pods: [RolloutPod]) -> Int {
        guard unreplaced != nil, let before else { return 0 }
        return before.subtracting(pods.map(\.uid)).count
    }

    /// Whether what the step began should have ended.
    func isLate(at now: Duration) -> Bool { now - since >= RolloutPlan.patience }

    /// Whether another step may follow once this one is not under way.
    func mayGoOn(at now: Duration) -> Bool { now >= rest && unreplaced == nil }

    /// Whether nothing of it matters once the workload has no pods any more.
    func isOver(at now: Duration) -> Bool { isLate(at: now) && now >= rest }
}
