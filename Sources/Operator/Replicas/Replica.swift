/// Another pod of the operator.
package struct Replica: Sendable, Hashable {
    package var uid: String
    /// IPv4 or IPv6.
    package var address: String

    func url(port: Int) -> String {
        "https://\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }
}

extension ClusterView {
    /// The other pods of the same service account that run and have an address.
    package func replicas(of own: TokenAuthenticator.Workload) -> Set<Replica> {
        Set(
            pods(in: own.namespace)
                .filter {
                    $0.serviceAccount == own.serviceAccount && $0.uid != own.uid && $0.isLive
                        && !$0.address.isEmpty
                }
                .map { Replica(uid: $0.uid, address: $0.address) })
    }
}
