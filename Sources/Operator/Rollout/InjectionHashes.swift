import Admission
import Kubernetes

/// Hashes of gateways, each made once however many pods have it.
struct InjectionHashes {
    private struct Key: Hashable {
        var namespace: String
        var connections: [String]
        var image: String
    }

    let make: Reconciler.InjectionHash
    private var known: [Key: String] = [:]

    init(_ make: @escaping Reconciler.InjectionHash) {
        self.make = make
    }

    /// - Returns: `nil` where there is no connection, and so no gateway.
    mutating func hash(of attachments: [Attachment], image: String) -> String? {
        guard let first = attachments.first else { return nil }
        let key = Key(
            namespace: first.connection.key.namespace, connections: attachments.map(\.connection.key.name),
            image: image)
        if let hash = known[key] { return hash }
        let hash = make(attachments.compactMap(\.bound), image)
        known[key] = hash
        return hash
    }
}
