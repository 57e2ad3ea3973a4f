package import Admission
import Synchronization

/// The view of the cluster that all parts of the operator share: watches fill it, and whoever asks gets whole states.
package final class ClusterState: ConnectionLookup, Sendable {
    private let view: Mutex<ClusterView>

    package init(_ view: ClusterView) {
        self.view = Mutex(view)
    }

    /// Looks at one state, or changes it.
    package func withView<Result: Sendable, Failure: Error>(
        _ body: (inout sending ClusterView) throws(Failure) -> sending Result
    ) throws(Failure) -> Result {
        try view.withLock(body)
    }

    package func connections(in namespace: String) -> [BoundConnection]? {
        view.withLock { view in
            view.isSynced ? view.attachments(in: namespace).compactMap(\.bound) : nil
        }
    }

    package func unreadable(selecting labels: [String: String], in namespace: String) -> [String] {
        view.withLock { $0.unreadableConnections(selecting: labels, in: namespace) }
    }

    package var isSynced: Bool { view.withLock(\.isSynced) }
}
