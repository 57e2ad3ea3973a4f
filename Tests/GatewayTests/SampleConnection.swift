import API
import Manifests

/// A connection of the namespace `clinic`, as most tests need one.
enum SampleConnection {
    static let manifest = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: main, namespace: clinic}
        spec:
          protocol: postgres
          upstream: {host: db}
          credentials: {type: SecretRef, secretRef: {name: clinic-db}}
          podSelector: {matchLabels: {app: api}}
        """

    /// `more` is what else stands in the `spec`, indented as that.
    static func manifests(_ more: String = "") throws -> ManifestSet {
        let text = more.isEmpty ? manifest : manifest + "\n" + more
        return try ManifestSet.read(
            [ManifestFile(path: "main.yaml", bytes: Array(text.utf8))], namespace: "clinic")
    }
}
