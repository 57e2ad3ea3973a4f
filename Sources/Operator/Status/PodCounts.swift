package import API
import Kubernetes

/// Pods of a connection by what holds for them.
package struct PodCounts: Sendable, Equatable {
    package var matched = 0
    package var injected = 0
    package var missing = 0
    package var outdated = 0
    package var ready = 0
    package var acked = 0
    /// Those of the missing that no gateway can be put into, because their nodes run them by themselves.
    var unreachable = 0
    /// Matched, without a gateway by the rules: on the node's network, or on Windows.
    var skipped = 0

    package init() {}

    /// Counts the pods of the connection's namespace. `hash` is what a pod would bear if it were injected now, `nil` where
    /// it would not be; `hasAcknowledged` tells whether the pod's gateway has in force what it is to be told now.
    package init(
        of connection: DatabaseConnection, among pods: [ObservedPod], hash: (ObservedPod) -> String?,
        hasAcknowledged: (ObservedPod) -> Bool
    ) {
        for pod in pods where pod.isSelected(by: connection) {
            matched += 1
            guard let gateway = pod.gateway, pod.connections.contains(connection.metadata.name) else {
                let isSkipped = pod.isOnHostNetwork || pod.isOnWindows
                if isSkipped, !pod.isStatic { skipped += 1 } else { missing += 1 }
                if pod.isStatic { unreachable += 1 }
                continue
            }
            injected += 1
            if let hash = hash(pod), hash != pod.injectionHash { outdated += 1 }
            if gateway.isReady { ready += 1 }
            if hasAcknowledged(pod) { acked += 1 }
        }
    }

    var json: JSON {
        let fields: [(String, Int)] = [
            ("matched", matched), ("injected", injected), ("missing", missing), ("outdated", outdated),
            ("ready", ready), ("acked", acked),
        ]
        return .object(.init(fields.map { ($0.0, .integer(Int64($0.1))) }))
    }
}

extension ObservedPod {
    /// Why it has no gateway, and gets none; `nil` for others.
    var obstacle: String? {
        guard gateway == nil else { return nil }
        if isStatic { return "is run by its node itself, past all admission, and has no gateway" }
        if isOnWindows { return "runs on Windows and gets no gateway" }
        return isOnHostNetwork ? "is on its node's network and gets no gateway" : nil
    }

    /// Whether it is to have a gateway that serves the connection.
    func isSelected(by connection: DatabaseConnection) -> Bool {
        isLive && !optsOut && connection.spec.podSelector.selects(labels)
    }
}
