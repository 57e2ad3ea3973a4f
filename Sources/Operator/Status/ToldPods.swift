import Kubernetes
import Synchronization

/// Pods of which an Event has told already.
final class ToldPods: Sendable {
    /// Uids by connection.
    private let told = Mutex<[ObjectKey: Set<String>]>([:])

    /// Those of the connection's pods that were not told of before; others are forgotten.
    func news(_ pods: [ObservedPod], of connection: ObjectKey) -> [ObservedPod] {
        let known = told.withLock { told in
            let known = (told[connection] ?? []).intersection(pods.map(\.uid))
            told[connection] = known.isEmpty ? nil : known
            return known
        }
        return pods.filter { !known.contains($0.uid) }
    }

    /// An Event has told of the pod.
    func add(_ pod: ObservedPod, of connection: ObjectKey) {
        _ = told.withLock { $0[connection, default: []].insert(pod.uid).inserted }
    }
}
