import Cryptography
import NIOCore
import NIOPosix
import Networking
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HTTPStreamTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func open(
        _ bytes: String, closes: Bool = false, silenceLimit: TimeAmount = .minutes(1)
    ) async throws -> HTTPStream {
        let server = try await CannedServer(on: loop) { _ in CannedServer.Answer(bytes: bytes, closes: closes)
        }
        let client = try HTTPClient(baseURL: BaseURL("http://127.0.0.1:\(server.port)"), on: loop)
        return try await client.open(HTTPRequest(path: "/"), silenceLimit: silenceLimit)
    }

    private func rest(of stream: HTTPStream) async throws -> String {
        var body: [UInt8] = []
        while let piece = try await stream.next() { body += piece }
        return String(decoding: body, as: UTF8.self)
    }

    @Test func `a body is read to its end`() async throws {
        let stream = try await open(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        #expect(stream.status == 200)
        #expect(try await rest(of: stream) == "abcde")
        #expect(try await stream.next() == nil)
    }

    @Test func `what has come is there before the end is`() async throws {
        let stream = try await open("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(try await stream.next() == Array("abc".utf8))
    }

    @Test func `any status is one`() async throws {
        #expect(try await open("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").status == 403)
    }

    @Test func `a lost connection is no end`() async throws {
        let stream = try await open(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", closes: true)
        await #expect(throws: NetworkingError.connectionClosed) { try await rest(of: stream) }
    }

    @Test func `silence ends it, before the head and after`() async throws {
        await #expect(throws: NetworkingError.timedOut) {
            try await open("HTTP/1.1 200", silenceLimit: .milliseconds(50))
        }
        let stream = try await open(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            silenceLimit: .seconds(4))
        #expect(try await stream.next() == Array("abc".utf8))
        await #expect(throws: NetworkingError.timedOut) { try await stream.next() }
    }

    @Test func `a long body waits for its reader`() async throws {
        let body = String(repeating: "x", count: 4 << 20)
        let stream = try await open("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await rest(of: stream).utf8.count == body.utf8.count)
    }

    @Test func `a cancelled reader ends it`() async throws {
        let stream = try await open("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        let task = Task { try await stream.next() }
        task.cancel()
        await #expect(throws: NetworkingError.connectionClosed) { try await task.value }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct HTTPListenerTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test func `requests are answered by path and method`() async throws {
        var times = HTTPListener.Times()
        (times.head, times.connection) = (.hours(1), .hours(1))
        let listener = try await HTTPListener.bind(
            .tcp(host: "127.0.0.1", port: 0), on: loop, times: times
        ) { request in
            HTTPResponse(
                status: request.method == .get ? 200 : 202, headers: ["X-A": "1"],
                body: Array(request.path.utf8))
        }
        let port = try #require(listener.localAddress?.port)
        let client = try HTTPClient(baseURL: BaseURL("http://127.0.0.1:\(port)"), on: loop)
        let got = try await client.send(HTTPRequest(path: "/readyz?x=1"))
        #expect((got.status, got.body) == (200, Array("/readyz".utf8)))
        #expect(got.headers["x-a"] == "1")
        let posted = try await client.send(HTTPRequest(method: .post, path: "/quit", body: [1, 2, 3]))
        #expect(posted.status == 202)
        try await listener.close()
    }

    @Test func `a body is not collected`() async throws {
        let listener = try await HTTPListener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in
            HTTPResponse(status: 200)
        }
        let port = try #require(listener.localAddress?.port)
        let client = try HTTPClient(baseURL: BaseURL("http://127.0.0.1:\(port)"), on: loop)
        await #expect(throws: (any Error).self) {
            try await client.send(
                HTTPRequest(method: .post, path: "/", body: [UInt8](repeating: 0, count: 1 << 20)))
        }
        try await listener.close()
    }
}
