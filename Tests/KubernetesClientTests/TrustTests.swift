import Cryptography
import Foundation
import Kubernetes
import KubernetesClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TrustTests {
    let authority: TestAuthority
    let server: ScriptedHTTPS

    init() async throws {
        authority = try TestAuthority()
        server = try await ScriptedHTTPS(
            identity: authority.issue(names: "DNS:kubernetes.default.svc,IP:127.0.0.1")
        ) { _, peer in peer.answer("200 OK", body: "1") }
    }

    private func expectInsecure(_ trust: Trust, host: String = "127.0.0.1", tlsServerName: String? = nil)
        async throws
    {
        let client = try server.client(
            FixedAccess(Access(trust: trust)), host: host, tlsServerName: tlsServerName)
        for isStream in [false, true] {
            await #expect {
                if isStream {
                    _ = try await client.open(.version)
                } else {
                    _ = try await client.send(.version)
                }
            } throws: {
                if case TransportFailure.insecure = $0 { true } else { false }
            }
        }
        #expect(server.seen.isEmpty)
    }

    @Test func `a server of a trusted authority is taken by its name or address`() async throws {
        let access = FixedAccess(Access(trust: .authorities(authority.certificatePEM)))
        #expect(try await server.client(access).send(.version).status == 200)
        #expect(
            try await server.client(access, tlsServerName: "kubernetes.default.svc").send(.version).status
                == 200)
        #expect(server.seen.allSatisfy { $0.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n") })
    }

    @Test func `another authority, another name, or none is refused`() async throws {
        try await expectInsecure(.authorities(try TestAuthority().certificatePEM))
        try await expectInsecure(.authorities(authority.certificatePEM), host: "localhost")
        try await expectInsecure(.authorities(authority.certificatePEM), tlsServerName: "other.svc")
    }

    @Test func `a missing authority is never a trusted server`() async throws {
        try await expectInsecure(.system)
        try await expectInsecure(.authorities([]))
        try await expectInsecure(.authorities(Array("garbage".utf8)))
    }

    @Test func `only who says so trusts anybody`() async throws {
        let client = try server.client(FixedAccess(Access(trust: .anybody)), host: "localhost")
        #expect(try await client.send(.version).status == 200)
    }

    @Test func `a client's certificate is shown`() async throws {
        _ = try authority.issue(names: "IP:127.0.0.1", subject: "server")
        let person = try authority.issue(names: "DNS:person", subject: "person")
        let other = try TestAuthority().issue(names: "DNS:other", subject: "other")
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.currentDirectoryURL = authority.folder
        openssl.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key", "-CAfile",
            "ca.pem",
            "-Verify", "1", "-verify_return_error", "-www",
        ]
        let output = Pipe()
        openssl.standardOutput = output
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        defer { openssl.terminate() }
        var text = ""
        while openssl.isRunning, !text.contains("ACCEPT 127.0.0.1:") || !text.hasSuffix("\n") {
            text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        }
        let port = try #require(text.components(separatedBy: "ACCEPT 127.0.0.1:").dropFirst().first)
            .prefix { $0.isNumber }
        func send(_ identity: TLSContext.Identity?) async throws -> APIResponse {
            let access = Access(
                identity: identity.map {
                    ClientIdentity(certificates: $0.certificateChainPEM, key: $0.privateKeyPEM)
                }, trust: .authorities(authority.certificatePEM))
            let address = try ClusterAddress("https://127.0.0.1:\(port)")
            return try await CurlAPIServer(address, access: FixedAccess(access)).send(.version)
        }
        let response = try await send(person)
        #expect(response.status == 200)
        // Versions of the command differ in their spaces.
        let page = String(decoding: response.body, as: UTF8.self).filter { $0 != " " }
        #expect(page.contains("Subject:CN=person"))
        await #expect(throws: TransportFailure.self) { try await send(other) }
        await #expect(throws: TransportFailure.self) { try await send(nil) }
    }
}
