import Kubernetes
import Synchronization
import Testing

/// Keeps one lease, by versions.
private final class LeaseServer: APIServer {
    private let lease = Mutex<(content: JSON?, version: Int64)>((nil, 0))
    let isReachable = Mutex(true)

    var content: JSON? { lease.withLock(\.content) }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        guard isReachable.withLock(\.self) else { throw .timedOut }
        guard let sent = try? request.body.map({ try JSON(parsing: $0.bytes) }) else { return read() }
        return lease.withLock { lease in
            let version = lease.content?["metadata", "resourceVersion"]
            guard sent["metadata", "resourceVersion"] == version else {
                return APIResponse(status: 409, body: Array(#"{"kind":"Status","reason":"Conflict"}"#.utf8))
            }
            lease.version += 1
            var written = sent
            written["metadata", "resourceVersion"] = "\(lease.version)"
            lease.content = written
            return APIResponse(status: 200, body: written.rendered)
        }
    }

    private func read() -> APIResponse {
        guard let content else {
            let status = #"{"kind":"Status","reason":"NotFound","details":{"name":"weir"}}"#
            return APIResponse(status: 404, body: Array(status.utf8))
        }
        return APIResponse(status: 200, body: content.rendered)
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream { throw .cancelled }
}

@Suite(.timeLimit(.minutes(5)))
struct LeaderElectorTests {
    private let server = LeaseServer()

    /// Times shorter than the real ones.
    private func elector(_ identity: String) -> LeaderElector<ContinuousClock> {
        var timing = LeaderElection.Timing()
        timing.renewal = .seconds(2)
        timing.retry = .milliseconds(20)
        return LeaderElector(
            identity: identity, lease: ObjectKey(namespace: "n", name: "weir"), of: server, timing: timing,
            clock: ContinuousClock(), wallTime: { Timestamp(microseconds: 0) })
    }

    @Test func `leadership passes on when the leader ends`() async throws {
        let events = AsyncStream<String>.makeStream()
        var seen = events.stream.makeAsyncIterator()
        func start(_ identity: String) -> Task<Void, Never> {
            let elector = elector(identity)
            return Task {
                await elector.run {
                    events.continuation.yield("\(identity) leads")
                } stopLeading: {
                    events.continuation.yield("\(identity) stops")
                }
                events.continuation.yield("\(identity) ended")
            }
        }
        let first = start("a")
        #expect(await seen.next() == "a leads")
        let second = start("b")
        first.cancel()
        #expect(await seen.next() == "a stops")
        // Which is in the lease before the process ends, so nobody waits for it to lapse.
        var next = [await seen.next(), await seen.next()].compactMap(\.self)
        #expect(next.sorted() == ["a ended", "b leads"])
        #expect(server.content?["spec", "holderIdentity"]?.string == "b")
        server.isReachable.withLock { $0 = false }
        next = [await seen.next(), await seen.next()].compactMap(\.self)
        #expect(next == ["b stops", "b ended"])
        await second.value
    }
}
