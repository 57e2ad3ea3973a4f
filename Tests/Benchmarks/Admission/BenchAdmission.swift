import Admission
import AdmissionServer
import ArgumentParser
import Cryptography
import Foundation
import Manifests

/// The webhook with two connections, until it is told to end; prints its port once it listens.
@main
struct BenchAdmission: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-admission")

    @Option(help: "Where the certificate of the authority is written, PEM.") var authority: String

    func run() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.make(commonName: "bench", validity: now - 60...now + 86_400)
        try Data(authority.identity.certificateChainPEM).write(to: URL(filePath: self.authority))
        let identity = try authority.issue(names: ["localhost"], validity: now - 60...now + 86_400)
        let settings = InstallationSettings(
            namespace: "weir-system", sidecarImage: "registry.example/weir-gateway@sha256:0123",
            sink: "http://weir-audit-sink.weir-system.svc:9440",
            configurationURL: "https://weir-operator.weir-system.svc:8443", version: "0")
        let manifests = try ManifestSet.read([
            ManifestFile(path: "connections.yaml", bytes: Array(Self.connections.utf8))
        ])
        let connections = manifests.connections.map { BoundConnection(connection: $0) }
        try await withAdmissionServer(Injector(settings), identity: identity, connections: connections) {
            port in
            FileHandle.standardOutput.write(Data("\(port)\n".utf8))
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private static let connections = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: clinic}
        spec:
          protocol: postgres
          upstream: {host: db.internal, database: clinic}
          credentials: {type: SecretRef, secretRef: {name: clinic-db}}
          podSelector: {matchLabels: {app: clinic-api}}
          listen: {env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: reports}
        spec:
          protocol: postgres
          upstream: {host: reports.internal}
          credentials: {type: SecretRef, secretRef: {name: reports-db}}
          podSelector: {matchLabels: {app: clinic-api}}
          listen: {port: 15433, unixSocketPath: /weir/}
        """
}
