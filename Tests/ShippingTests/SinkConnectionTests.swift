import NIOCore
import Networking
import Synchronization
import Testing

@testable import Shipping

/// How a log's writer reaches the sink.
@Suite(.timeLimit(.minutes(5)))
struct SinkConnectionTests {
    private let loop = EventLoops.shared.next()
    private let asked = Count()

    /// How often whom to trust was asked.
    private final class Count: Sendable {
        private let value = Mutex(0)

        var current: Int { value.withLock { $0 } }

        func increase() { value.withLock { $0 += 1 } }
    }

    private func connection(to url: String) -> SinkConnection {
        let address = SinkAddress(
            url: url,
            authorities: { [asked] in
                asked.increase()
                return nil
            },
            authorization: { (name: "Authorization", value: "Bearer token") })
        return SinkConnection(address, on: loop)
    }

    @Test func `a token is not shown in clear`() async throws {
        let sink = try await PlayedSink(on: loop)
        let connection = connection(to: sink.url)
        let response = try await connection.post(Array("{}\n".utf8), of: "clinic")
        #expect(response.status == 200)
        #expect(sink.posts.map(\.path) == ["/v1/gateways/clinic/events"])
        #expect(sink.posts.map(\.body) == [Array("{}\n".utf8)])
        #expect(sink.posts.map(\.authorization) == [nil])
        await connection.close()
        try await sink.close()
    }

    @Test func `whom to trust is asked once while the way holds`() async throws {
        let sink = try await PlayedSink(on: loop)
        let connection = connection(to: sink.url)
        for _ in 0..<3 { _ = try await connection.post([], of: "clinic") }
        #expect(asked.current == 1)
        await connection.close()
        try await sink.close()
    }

    @Test func `whom to trust is asked again after each failure`() async throws {
        let sink = try await PlayedSink(on: loop)
        let connection = connection(to: sink.url)
        try await sink.close()
        for number in 1...3 {
            await #expect(throws: (any Error).self) { try await connection.post([], of: "clinic") }
            #expect(asked.current == number)
        }
    }
}
