import Cryptography
import NIOCore
import NIOPosix
import Networking
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HTTPClientTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()

    func client(
        _ server: CannedServer, path: String = "", timeout: TimeAmount = .minutes(1),
        responseLimit: Int = 100
    ) throws -> HTTPClient {
        try HTTPClient(
            baseURL: BaseURL("http://127.0.0.1:\(server.port)\(path)"), on: loop, timeout: timeout,
            responseLimit: responseLimit)
    }

    @Test func `a request is sent as it is and its response returned`() async throws {
        let server = try await CannedServer(on: loop) { request in
            CannedServer.Answer(
                bytes:
                    "HTTP/1.1 201 Created\r\nContent-Length: \(request.utf8.count)\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
                    + request)
        }
        let client = try client(server, path: "/api", responseLimit: 1000)
        let response = try await client.send(
            HTTPRequest(
                method: .post, path: "/batch?n=1", headers: [("Authorization", "Bearer t")],
                body: Array("events".utf8)))
        #expect(response.status == 201)
        #expect(response.headers["x-a"] == "1, 2")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "POST /api/batch?n=1 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Length: 6\r\n"
                + "Authorization: Bearer t\r\n\r\nevents")
    }

    @Test func `a chunked body is put together`() async throws {
        let server = try await CannedServer(on: loop) { _ in
            CannedServer.Answer(
                bytes: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        }
        let response = try await client(server).send(HTTPRequest(path: "/"))
        #expect(response.body == Array("abcde".utf8))
    }

    @Test func `one connection serves many requests`() async throws {
        let server = try await CannedServer(on: loop) { _ in
            CannedServer.Answer(bytes: "HTTP/1.1 204 No Content\r\n\r\n")
        }
        let client = try client(server)
        for _ in 0..<5 { #expect(try await client.send(HTTPRequest(path: "/")).status == 204) }
        #expect(server.connectionCount == 1)
    }

    @Test func `a client that was closed keeps no connection`() async throws {
        let server = try await CannedServer(on: loop) { _ in
            CannedServer.Answer(bytes: "HTTP/1.1 204 No Content\r\n\r\n")
        }
        let client = try client(server)
        for _ in 0..<2 {
            #expect(try await client.send(HTTPRequest(path: "/")).status == 204)
            await client.close()
        }
        #expect(server.connectionCount == 2)
    }

    @Test(arguments: [("Connection: close\r\n", false), ("", true)])
    func `a connection that was closed is not used again`(header: String, serverCloses: Bool) async throws {
        let server = try await CannedServer(on: loop) { _ in
            CannedServer.Answer(
                bytes: "HTTP/1.1 200 OK\r\n\(header)Content-Length: 0\r\n\r\n", closes: serverCloses)
        }
        let client = try client(server)
        #expect(try await client.send(HTTPRequest(path: "/")).status == 200)
        let second: HTTPResponse
        do { second = try await client.send(HTTPRequest(path: "/")) } catch NetworkingError.connectionClosed {
            // The request was faster than the news of the end.
            second = try await client.send(HTTPRequest(path: "/"))
        }
        #expect(second.status == 200)
        #expect(server.connectionCount == 2)
    }

    @Test func `requests at the same time do not share a connection`() async throws {
        let server = try await CannedServer(on: loop) { request in
            CannedServer.Answer(
                bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(request.dropFirst(5).prefix(1))")
        }
        let client = try client(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for digit in 0..<8 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(path: "/\(digit)"))
                    #expect(response.body == Array("\(digit)".utf8))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a body has a limit, told or not`() async throws {
        let half = String(repeating: "a", count: 51)
        for (head, body) in [
            ("Content-Length: 102", half + half),
            ("Transfer-Encoding: chunked", "33\r\n\(half)\r\n33\r\n\(half)\r\n0\r\n\r\n"),
        ] {
            let server = try await CannedServer(on: loop) { _ in
                CannedServer.Answer(bytes: "HTTP/1.1 200 OK\r\n\(head)\r\n\r\n\(body)")
            }
            await #expect(throws: NetworkingError.responseTooLong(limit: 101)) {
                try await client(server, responseLimit: 101).send(HTTPRequest(path: "/"))
            }
            #expect(
                try await client(server, responseLimit: 102).send(HTTPRequest(path: "/")).body.count == 102)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ])
    func `a response cut short is none`(bytes: String) async throws {
        let server = try await CannedServer(on: loop) { _ in CannedServer.Answer(bytes: bytes, closes: true) }
        await #expect(throws: NetworkingError.connectionClosed) {
            try await client(server).send(HTTPRequest(path: "/"))
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\nabc", "220 mail.test ESMTP\r\n\r\n"])
    func `a response without a sure end is refused`(bytes: String) async throws {
        let server = try await CannedServer(on: loop) { _ in CannedServer.Answer(bytes: bytes, closes: true) }
        await #expect(throws: NetworkingError.malformedResponse) {
            try await client(server).send(HTTPRequest(path: "/"))
        }
    }

    @Test func `silence times out`() async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        await #expect(throws: NetworkingError.timedOut) {
            try await client(server, timeout: .milliseconds(50)).send(HTTPRequest(path: "/"))
        }
    }

    @Test func `a cancelled request ends`() async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        let client = try client(server)
        let task = Task { try await client.send(HTTPRequest(path: "/")) }
        while server.connectionCount == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }

    @Test(arguments: [true, false])
    func `a cancelled request ends while a server says nothing of TLS`(isStreamed: Bool) async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        let client = try HTTPClient(baseURL: BaseURL("https://127.0.0.1:\(server.port)"), on: loop)
        let task = Task {
            let request = HTTPRequest(path: "/")
            if isStreamed {
                _ = try await client.open(request, silenceLimit: .minutes(1))
            } else {
                _ = try await client.send(request)
            }
        }
        while server.connectionCount == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `nobody listening is an error`() async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        let client = try client(server)
        try await server.close()
        let refusal = await #expect(throws: SystemRefusal.self) {
            try await client.send(HTTPRequest(path: "/"))
        }
        #expect(refusal?.description == "connection refused")
    }

    @Test(arguments: ["", "x", "/ HTTP/1.1\r\nX: y", "/é"])
    func `a path that is none is not sent`(path: String) async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        await #expect(throws: NetworkingError.malformedURL("a path is a slash and printable ASCII")) {
            try await client(server).send(HTTPRequest(path: path))
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `a header that is none is not sent`() async throws {
        let server = try await CannedServer(on: loop) { _ in nil }
        await #expect(throws: (any Error).self) {
            try await client(server).send(HTTPRequest(path: "/", headers: [("A", "b\r\nC: d")]))
        }
    }

    @Test func `HTTPS verifies whom it talks to`() async throws {
        let identity = try TestIdentity.make()
        let server = try await CannedServer(on: loop, tls: TLSContext.server(identity: identity)) { _ in
            CannedServer.Answer(bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let trusting = try HTTPClient(
            baseURL: BaseURL("https://127.0.0.1:\(server.port)"),
            certificateAuthoritiesPEM: identity.certificateChainPEM, on: loop)
        for _ in 0..<3 { #expect(try await trusting.send(HTTPRequest(path: "/")).body == Array("ok".utf8)) }
        #expect(server.connectionCount == 1)
        let other = try HTTPClient(
            baseURL: BaseURL("https://127.0.0.1:\(server.port)"),
            certificateAuthoritiesPEM: TestIdentity.make().certificateChainPEM, on: loop)
        await #expect(throws: TLSError.unknownAuthority) { try await other.send(HTTPRequest(path: "/")) }
    }
}
