import API
import Admission
import Kubernetes

/// Connections that cannot be served in one pod: the older has the port or socket.
enum PortConflict {
    /// What keeps the connection from being served in a pod that others select, too; each a sentence. `all` are those of
    /// the namespace.
    static func conflicts(
        of bound: BoundConnection, among all: [BoundConnection], in pods: [ObservedPod]
    ) -> [String] {
        guard all.count > 1, bound.obstacle == nil else { return [] }
        var conflicts: [String] = []
        // Pods that the same connections select have the same gateway.
        var judged: Set<[String]> = []
        var told: Set<String> = []
        for pod in pods.sorted(by: { $0.key < $1.key }) where pod.isSelected(by: bound.connection) {
            let selecting = all.filter { pod.isSelected(by: $0.connection) }
            guard judged.insert(selecting.map(\.connection.metadata.name)).inserted,
                let reason = bound.obstacle(among: selecting), told.insert(reason).inserted
            else { continue }
            conflicts.append("\(reason) in pod \(pod.key.name)")
        }
        return conflicts
    }
}
