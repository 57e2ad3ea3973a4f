import Synchronization

/// Why the operator cannot do all of its work now.
package final class Readiness: Sendable {
    private let state: ClusterState
    private let identity: any ServingIdentity
    private let nativeSidecars: NativeSidecars
    private let facts = Mutex(Facts())

    private struct Facts {
        /// What the API server does not let the operator do.
        var forbidden: [String] = []
        var isEnding = false
    }

    init(state: ClusterState, identity: any ServingIdentity, nativeSidecars: NativeSidecars) {
        self.state = state
        self.identity = identity
        self.nativeSidecars = nativeSidecars
    }

    /// Each in a line; empty when ready.
    package var obstacles: [String] {
        var obstacles: [String] = []
        if !state.isSynced { obstacles.append("the resources have not been read yet") }
        if nativeSidecars.areSupported == nil {
            obstacles.append("the versions of the nodes are not known yet")
        }
        if let obstacle = identity.obstacle { obstacles.append(obstacle) }
        let (forbidden, isEnding) = facts.withLock { ($0.forbidden, $0.isEnding) }
        obstacles += forbidden.map { "not allowed: \($0)" }
        if isEnding { obstacles.append("ending") }
        return obstacles
    }

    func set(forbidden: [String]) { facts.withLock { $0.forbidden = forbidden } }

    /// So that nobody new comes while the last requests are answered.
    func end() { facts.withLock { $0.isEnding = true } }
}
