import Foundation
import Kubernetes
import Synchronization
import Testing

@testable import KubernetesClient

@Suite(.timeLimit(.minutes(5)))
struct AccessTests {
    let authority: TestAuthority
    let server: ScriptedHTTPS

    /// A server that takes the token `new` only.
    init() async throws {
        authority = try TestAuthority()
        server = try await ScriptedHTTPS(identity: authority.issue(names: "IP:127.0.0.1")) { request, peer in
            peer.answer(request.contains("Authorization: Bearer new\r\n") ? "200 OK" : "401 Unauthorized")
        }
        try write("old\n", "token")
        try write(String(decoding: authority.certificatePEM, as: UTF8.self), "ca.crt")
    }

    func write(_ text: String, _ file: String) throws {
        try text.write(to: authority.folder.appending(path: file), atomically: true, encoding: .utf8)
    }

    func access(now: @escaping @Sendable () -> Duration = { .zero }) -> FileAccess {
        let folder = authority.folder.path
        return FileAccess(
            Access(trust: .authorities([])), .init(token: "\(folder)/token", authorities: "\(folder)/ca.crt"),
            now: now)
    }

    @Test func `a refused token is read again, and the request made again, once`() async throws {
        let client = try server.client(access())
        #expect(try await client.send(.version).status == 401)
        #expect(server.seen.count == 1)
        try write("new", "token")
        #expect(try await client.send(.version).status == 200)
        #expect(server.seen.count == 3)
        #expect(try await client.open(.version).status == 200)
        try write("other", "token")
        #expect(try await client.send(.version).status == 200)
    }

    @Test func `a stream is opened again with a new token`() async throws {
        let client = try server.client(access())
        #expect(try await client.send(.version).status == 401)
        try write("new", "token")
        #expect(try await client.open(.version).status == 200)
    }

    @Test func `tokens and authorities are read again every minute`() async throws {
        let time = Box(Duration.zero)
        let access = access(now: { time.value.withLock(\.self) })
        #expect(try await access.current().authorization == "Bearer old")
        try write("new", "token")
        try write("another", "ca.crt")
        time.value.withLock { $0 = .seconds(59) }
        #expect(try await access.current().authorization == "Bearer old")
        time.value.withLock { $0 = .seconds(60) }
        #expect(
            try await access.current()
                == Access(authorization: "Bearer new", trust: .authorities(Array("another".utf8))))
    }

    final class Box<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    @Test func `a token that is gone is an error, and so is one that is none`() async throws {
        try write("two words", "token")
        await #expect(throws: TransportFailure.self) { try await access().current() }
        try write("\n", "token")
        await #expect(throws: TransportFailure.self) { try await access().current() }
        try FileManager.default.removeItem(at: authority.folder.appending(path: "token"))
        await #expect(throws: TransportFailure.self) { try await access().current() }
    }

    @Test func `what is secret is not printed`() async throws {
        let access = try await access().current()
        #expect("\(access)" == "‹redacted›" && "\(access)".contains("old") == false)
    }

    @Test func `a pod's service account says where and who`() async throws {
        try write("clinic\n", "namespace")
        let environment = [
            "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(server.port)",
        ]
        let account = try PodServiceAccount(environment: environment, folder: authority.folder.path)
        #expect(account.namespace == "clinic")
        try write("new", "token")
        #expect(try await CurlAPIServer(account.cluster, access: account.access).send(.version).status == 200)
        #expect(throws: ConfigurationError.self) {
            try PodServiceAccount(environment: [:], folder: authority.folder.path)
        }
        // Without an authority there is no connection, not one that trusts anybody.
        try FileManager.default.removeItem(at: authority.folder.appending(path: "ca.crt"))
        #expect(throws: ConfigurationError.self) {
            try PodServiceAccount(environment: environment, folder: authority.folder.path)
        }
        let ipv6 = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        try write("x", "ca.crt")
        let address = try PodServiceAccount(environment: ipv6, folder: authority.folder.path).cluster
        #expect(address.authority == "[fd00::1]:443")
    }
}
