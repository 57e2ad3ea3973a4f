import API
import Admission
import Kubernetes

/// Connections that cannot be served in one pod: the older has the port.
enum PortConflict {
    /// What keeps the connection from being served in a pod that both select; each a sentence.
    static func conflicts(
        of bound: BoundConnection, among others: [BoundConnection], in pods: [ObservedPod]
    ) -> [String] {
        let connection = bound.connection
        let selected = pods.filter { $0.isSelected(by: connection) }
        return others.filter { $0.isOlder(than: bound) }.map(\.connection).compactMap { other in
            guard
                let taken = taken(from: connection.spec.listen, by: other.spec.listen),
                let pod = selected.first(where: { $0.isSelected(by: other) })
            else { return nil }
            return "\(taken) is that of DatabaseConnection \(other.metadata.name) in pod \(pod.key.name)"
        }
    }

    private static func taken(
        from listen: DatabaseConnection.Listen, by other: DatabaseConnection.Listen
    ) -> String? {
        if listen.port == other.port { return "port \(listen.port)" }
        if let socket = listen.unixSocket, socket == other.unixSocket { return "socket \(socket)" }
        return nil
    }
}
