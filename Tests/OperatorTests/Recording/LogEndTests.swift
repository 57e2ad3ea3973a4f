import Cryptography
import Foundation
import Kubernetes
import Testing

@testable import Admission
@testable import Operator

/// What an operator has recorded is signed to the last record, however it ends.
struct LogEndTests {
    private let data = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    /// Of its only segment, what follows which is zero.
    private func lastLine() throws -> String {
        let folder = data.appending(path: "\(OperatorLog.folderName)/spool")
        let segments = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".jsonl") }
        let segment = try #require(segments.first)
        let bytes = try Data(contentsOf: folder.appending(path: segment)).prefix { $0 != 0 }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func `a log is signed at its end when the operator cannot go on`() async throws {
        defer { try? FileManager.default.removeItem(at: data) }
        var options = ControlPlane.Options(identity: "one")
        options.electsLeader = false
        options.data = data.path
        // What is signed is signed by the end alone.
        options.signInterval = .seconds(3600)
        // Both cannot be listened on.
        options.addresses = ListenAddresses(
            host: "127.0.8.1", port: RunningOperator.port, healthPort: RunningOperator.port)
        let settings = InstallationSettings(
            namespace: "weir-system", sidecarImage: "gateway:1", sink: "http://127.0.0.1:9",
            configurationURL: "https://weir-operator.weir-system.svc:8443", version: "1.0.0")
        let identity = FixedIdentity(
            TLSContext.Identity(certificateChainPEM: [], privateKeyPEM: []), authorities: Array("PEM".utf8))
        let plane = ControlPlane(
            server: HostAPI(), settings: settings, options: options, identity: identity,
            logger: OperatorPlay.logger, now: MovableClock().now)
        await #expect(throws: (any Error).self) {
            try await plane.run(until: { try? await Task.sleep(for: .seconds(3600)) })
        }
        #expect(try lastLine().contains(#""type":"head""#))
    }
}
