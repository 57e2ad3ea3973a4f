import Cryptography
import Foundation
import Kubernetes
import KubernetesClient
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ExchangeTests {
    let authority: TestAuthority
    let identity: TLSContext.Identity

    init() throws {
        authority = try TestAuthority()
        identity = try authority.issue(names: "IP:127.0.0.1,DNS:kubernetes.default.svc")
    }

    var access: FixedAccess {
        FixedAccess(Access(authorization: "Bearer t", trust: .authorities(authority.certificatePEM)))
    }

    func limits(_ change: (inout CurlAPIServer.Limits) -> Void) -> CurlAPIServer.Limits {
        var limits = CurlAPIServer.Limits()
        change(&limits)
        return limits
    }

    @Test func `a request is sent as it is and its answer returned`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in
            peer.send("HTTP/1.1 100 Continue\r\nX: no\r\n\r\n")
            peer.answer("201 Created", "Warning: 299 - \"dropped\"\r\nX-A:\t1\r\n", body: #"{"a":1}"#)
        }
        let request = try APIRequest.apply(
            .pods, ["metadata": ["name": "a b", "namespace": "n"]], WriteOptions(fieldManager: "m"))
        let response = try await server.client(access).send(request)
        #expect(response.status == 201 && response.warnings == ["dropped"])
        #expect(try response.json() == ["a": 1])
        #expect(response.headers.map(\.name) == ["Warning", "X-A", "Content-Length"])
        let lines = server.seen[0].components(separatedBy: "\r\n")
        #expect(
            lines[0]
                == "PATCH /prefix/api/v1/namespaces/n/pods/a%20b?fieldManager=m&fieldValidation=Strict&force=true HTTP/1.1"
        )
        #expect(
            Set(lines.dropFirst().dropLast()) == [
                "Host: 127.0.0.1:\(server.port)", "Accept: application/json", "User-Agent: weir",
                "Content-Type: application/apply-patch+yaml", "Authorization: Bearer t", "Content-Length: 43",
                "",
            ])
        #expect(lines.last == #"{"metadata":{"name":"a b","namespace":"n"}}"#)
    }

    @Test(arguments: [
        (APIRequest(.get, path: "/a"), "GET"), (APIRequest(.delete, path: "/a"), "DELETE"),
        (APIRequest(.post, path: "/a"), "POST"), (APIRequest(.put, path: "/a", body: .init(1)), "PUT"),
        (APIRequest(.delete, path: "/a", body: .init([:])), "DELETE"),
    ])
    func `every method is sent, with a body or without`(request: APIRequest, method: String) async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in peer.answer("204 No Content") }
        #expect(try await server.client(access).send(request).status == 204)
        #expect(server.seen[0].hasPrefix("\(method) /prefix/a HTTP/1.1\r\n"))
        #expect(
            server.seen[0].hasSuffix(
                request.body.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "\r\n\r\n"))
    }

    @Test func `a body of megabytes goes and comes at once`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { request, peer in
            peer.answer("200 OK", body: request.components(separatedBy: "\r\n\r\n")[1])
        }
        let body = JSON.string(String(repeating: "x", count: 3 << 20))
        let response = try await server.client(access).send(APIRequest(.post, path: "/a", body: .init(body)))
        #expect(response.body == body.rendered)
        #expect(!server.seen[0].contains("Expect"))
    }

    @Test func `connections are used again`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in peer.answer("200 OK", body: "1")
        }
        let client = try server.client(access)
        for _ in 0..<30 { #expect(try await client.send(.version).body == Array("1".utf8)) }
        #expect(server.seen.count == 30 && server.connectionCount <= 8)
    }

    @Test func `many requests at the same time get their own answers`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { request, peer in
            peer.answer("200 OK", body: String(request.split(separator: " ")[1]))
        }
        let client = try server.client(access)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await client.send(APIRequest(.get, path: "/\(number)"))
                    #expect(response.body == Array("/prefix/\(number)".utf8))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `silence times out, by the request's own limit if it has one`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, _ in }
        let client = try server.client(access, limits: limits { $0.exchange = .milliseconds(100) })
        await #expect(throws: TransportFailure.timedOut) { try await client.send(.version) }
        var request = APIRequest.version
        request.timeLimit = .milliseconds(100)
        await #expect(throws: TransportFailure.timedOut) { try await server.client(access).send(request) }
    }

    @Test func `a trickle times out as well`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in
            peer.begin()
            peer.channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) {
                task in
                if peer.channel.isActive { peer.send(chunk: "x") } else { task.cancel() }
            }
        }
        let client = try server.client(access, limits: limits { $0.exchange = .milliseconds(300) })
        await #expect(throws: TransportFailure.timedOut) { try await client.send(.version) }
    }

    @Test func `a server that accepts and says nothing times out while connecting`() async throws {
        let server = try await ScriptedHTTPS(identity: nil) { _, _ in }
        let client = try server.client(access, limits: limits { $0.connecting = .milliseconds(100) })
        await #expect(throws: TransportFailure.timedOut) { try await client.send(.version) }
        await #expect(throws: TransportFailure.timedOut) { try await client.open(.version) }
    }

    @Test func `a cancelled request ends`() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let server = try await ScriptedHTTPS(identity: identity) { _, _ in arrived.continuation.yield() }
        let client = try server.client(access)
        let task = Task { try await client.send(.version) }
        for await _ in arrived.stream.prefix(1) {}
        task.cancel()
        await #expect(throws: TransportFailure.cancelled) { try await task.value }
    }

    @Test func `nobody listening is a failed connection`() async throws {
        let address = try ClusterAddress("https://127.0.0.1:1")
        await #expect {
            try await CurlAPIServer(address, access: access).send(.version)
        } throws: {
            if case TransportFailure.connectionFailed = $0 { true } else { false }
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ])
    func `an answer cut short is none`(bytes: String) async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in
            peer.send(bytes)
            peer.close()
        }
        await #expect(throws: TransportFailure.cutShort) { try await server.client(access).send(.version) }
    }

    @Test func `an answer has a limit, told or not`() async throws {
        let half = String(repeating: "a", count: 51)
        for chunked in [false, true] {
            let server = try await ScriptedHTTPS(identity: identity) { _, peer in
                guard chunked else { return peer.answer("200 OK", body: half + half) }
                peer.begin(half)
                peer.send(chunk: half)
                peer.send("0\r\n\r\n")
            }
            #expect(
                try await server.client(access, limits: limits { $0.body = 102 }).send(.version).body.count
                    == 102)
            await #expect(throws: TransportFailure.answerTooLong(limit: 101)) {
                try await server.client(access, limits: limits { $0.body = 101 }).send(.version)
            }
        }
    }

    @Test func `a head has a limit`() async throws {
        let server = try await ScriptedHTTPS(identity: identity) { _, peer in
            let header = "X: \(String(repeating: "a", count: 1000))\r\n"
            peer.answer("200 OK", String(repeating: header, count: 80))
        }
        await #expect(throws: TransportFailure.answerTooLong(limit: 65_536)) {
            try await server.client(access).send(.version)
        }
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a redirect is not followed, so nobody else gets the token`(status: Int) async throws {
        let other = try await ScriptedHTTPS(identity: identity) { _, peer in peer.answer("200 OK") }
        let server = try await ScriptedHTTPS(identity: identity) { [port = other.port] _, peer in
            peer.answer("\(status) Elsewhere", "Location: https://127.0.0.1:\(port)/\r\n")
        }
        let response = try await server.client(access).send(.version)
        #expect(response.status == status && APIFailure(response).kind == .unexpected)
        #expect(server.seen.count == 1 && other.seen.isEmpty)
    }
}
