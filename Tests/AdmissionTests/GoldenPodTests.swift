import Admission
import Foundation
import Kubernetes
import Testing

/// Whole pods, as files to read; `UPDATE_GOLDEN=1` writes them anew.
struct GoldenPodTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    private static let connection = Samples.bound(
        """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: clinic, namespace: clinic}
        spec:
          protocol: postgres
          upstream: {host: db.internal, database: clinic, tls: {caConfigMapRef: {name: clinic-ca}}}
          credentials: {type: SecretRef, secretRef: {name: clinic-db}}
          podSelector: {matchLabels: {app: clinic-api}}
          listen: {unixSocketPath: /weir/, env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}, containers: [api]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: ids, namespace: clinic}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - {name: ssn, match: {columns: [ssn]}, action: {type: Hash, hash: {keySecretRef: {name: mask-keys}}}}
        """)

    @Test(arguments: ["native", "container"])
    func `a pod comes out as it is documented`(mode: String) throws {
        let pod = Samples.pod(
            containers: """
                [{"name": "api", "image": "clinic-api:1", "env": [{"name": "DATABASE_URL",
                  "value": "postgres://app:secret@db.internal/clinic"}]}, {"name": "metrics", "image": "m:1"}]
                """,
            spec: #"{"serviceAccountName": "clinic-api"}"#)
        let (result, injection) = try Samples.injected(pod, [Self.connection], native: mode == "native")
        #expect(injection.warnings.isEmpty)
        let file = folder.appending(path: "\(mode).json")
        let value = try JSONSerialization.jsonObject(with: Data(result.rendered))
        let text = try JSONSerialization.data(
            withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try text.write(to: file) }
        let golden = try JSON(parsing: Array(Data(contentsOf: file)))
        #expect(result == golden, "\(file.lastPathComponent) differs; UPDATE_GOLDEN=1 writes it anew")
    }
}
