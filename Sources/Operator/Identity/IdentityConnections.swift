import API
import Admission
import Identity
import Kubernetes

/// The connections whose identities an operator looks after, each named `NAMESPACE/NAME`.
protocol IdentityConnections: Sendable {
    /// Where the keys of their issuers come from.
    var sources: Set<IssuerKeys.Source> { get }

    /// The shortest time after which one of them refuses identities as unused; `nil` where none does.
    var staleness: Duration? { get }

    /// One that gateways serve.
    func served(_ name: String) -> DatabaseConnection?

    /// One that can be read, and the object that events are about.
    func known(_ name: String) -> (connection: DatabaseConnection, key: ObjectKey, uid: String)?
}

extension ClusterState: IdentityConnections {
    var sources: Set<IssuerKeys.Source> {
        withView { view in
            var sources: Set<IssuerKeys.Source> = []
            for namespace in view.namespacesWithConnections {
                for attachment in view.attachments(in: namespace) {
                    sources.formUnion(attachment.bound?.sources ?? [])
                }
            }
            return sources
        }
    }

    var staleness: Duration? {
        withView { view in
            view.namespacesWithConnections.flatMap { view.attachments(in: $0) }
                .compactMap { $0.bound?.connection.spec.identity.staleAfter }.min()
        }
    }

    func served(_ name: String) -> DatabaseConnection? {
        guard let key = Self.key(name) else { return nil }
        return withView { $0.attachment(of: key)?.bound?.connection }
    }

    func known(_ name: String) -> (connection: DatabaseConnection, key: ObjectKey, uid: String)? {
        guard let key = Self.key(name), let observed = withView({ $0.attachment(of: key)?.connection }),
            let connection = observed.object
        else { return nil }
        return (connection, observed.key, observed.uid)
    }

    private static func key(_ name: String) -> ObjectKey? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 ? ObjectKey(namespace: parts[0], name: parts[1]) : nil
    }
}

extension LocalConfiguration: IdentityConnections {
    var sources: Set<IssuerKeys.Source> {
        Set((current?.connections ?? []).flatMap(\.spec.identity.issuers).compactMap(IssuerKeys.Source.init))
    }

    var staleness: Duration? { current?.connections.compactMap(\.spec.identity.staleAfter).min() }

    func served(_ name: String) -> DatabaseConnection? {
        current?.connections.first { $0.metadata.qualifiedName == name }
    }

    func known(_ name: String) -> (connection: DatabaseConnection, key: ObjectKey, uid: String)? {
        served(name).map {
            ($0, ObjectKey(namespace: $0.metadata.namespace, name: $0.metadata.name), "")
        }
    }
}

extension ClusterView {
    /// Of the connections that a pod's gateway serves.
    mutating func connectionNames(of pod: ObservedPod) -> Set<String> {
        Set(attachments(of: pod).compactMap(\.bound).map(\.connection.metadata.qualifiedName))
    }
}
