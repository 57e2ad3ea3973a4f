import AuditSink
import Cryptography
import FoundationEssentials
import Logging
import NIOCore
import Networking
import TemporaryFiles
import Testing

/// Whose log may begin: the sink over HTTPS, and an operator that it asks.
struct AttestationTests {
    private let folder: TemporaryFolder
    private let authority: CertificateAuthority
    private let loop = EventLoops.shared.next()

    init() throws {
        folder = try TemporaryFolder()
        let now = Int64(Date().timeIntervalSince1970)
        authority = try CertificateAuthority.make(commonName: "test", validity: now - 60...now + 3600)
        let identity = try authority.issue(names: ["localhost"], validity: now - 60...now + 3600)
        for (name, content) in [
            ("ca.crt", authority.identity.certificateChainPEM), ("tls.crt", identity.certificateChainPEM),
            ("tls.key", identity.privateKeyPEM),
        ] {
            try Data(content).write(to: URL(filePath: "\(folder.path)/\(name)"))
        }
    }

    /// A sink that asks whoever is at the port.
    private func serving(
        askingAt port: Int, _ body: (_ post: (GatewayLog, String?) async throws -> Int) async throws -> Void
    ) async throws {
        var configuration = AuditSinkServer.Configuration(
            folder: "\(folder.path)/sink", host: "127.0.0.1", port: 0)
        configuration.certificate = CertificateFiles(
            certificate: "\(folder.path)/tls.crt", key: "\(folder.path)/tls.key")
        configuration.attestation = WriterAttestation(
            url: "http://127.0.0.1:\(port)", certificateAuthorities: "\(folder.path)/ca.crt", on: loop)
        let server = try AuditSinkServer(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let running = Task {
            try await server.run { port in continuation.yield(port) }
        }
        defer { running.cancel() }
        for await port in ports {
            let client = try HTTPClient(
                baseURL: BaseURL("https://localhost:\(port)"),
                certificateAuthoritiesPEM: authority.identity.certificateChainPEM, on: loop)
            try await body { gateway, token in
                try await client.send(
                    HTTPRequest(
                        method: .post, path: "/v1/gateways/\(gateway.name)/events",
                        headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [],
                        body: gateway.bytes())
                ).status
            }
            await client.close()
            return
        }
    }

    /// Knows of one pod, and of its token.
    private func operatorListener() async throws -> any Channel {
        try await HTTPListener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { request in
            HTTPResponse(status: request.path == "/v1/writers/clinic.api.0123abcd" ? 204 : 403)
        }
    }

    @Test func `nobody begins a log without a pod that vouches for it`() async throws {
        let listener = try await operatorListener()
        let port = try #require(listener.localAddress?.port)
        let forged = try GatewayLog(name: "clinic.other.0123abcd")
        let own = try GatewayLog(name: "clinic.api.0123abcd")
        for gateway in [forged, own] { try gateway.session(1) }
        try await serving(askingAt: port) { (post) async throws in
            #expect(try await post(forged, nil) == 403)
            #expect(try await post(forged, "token") == 403)
            #expect(try await post(own, nil) == 403)
            #expect(try await post(own, "token") == 200)
        }
        try await listener.close()
    }

    @Test func `what has begun goes on without the operator, and nothing else begins`() async throws {
        let listener = try await operatorListener()
        let port = try #require(listener.localAddress?.port)
        let gateway = try GatewayLog(name: "clinic.api.0123abcd")
        try gateway.session(1)
        try await serving(askingAt: port) { (post) async throws in
            #expect(try await post(gateway, "token") == 200)
            try await listener.close()
            try gateway.session(2)
            #expect(try await post(gateway, nil) == 200)
            let next = try GatewayLog(name: "clinic.api.0123abce")
            try next.session(1)
            #expect(try await post(next, "token") == 503)
        }
    }
}
