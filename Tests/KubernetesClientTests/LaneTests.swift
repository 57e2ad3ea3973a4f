import Cryptography
import Kubernetes
import Testing

@testable import KubernetesClient

/// What holds up which requests, at a server that answers only some.
@Suite(.timeLimit(.minutes(5)))
struct LaneTests {
    private static let lease = APIResource.leases.path()
    private static let review = APIRequest.reviewToken("t", audiences: ["weir"])
    private static let access = APIRequest.reviewAccess(
        ResourceAttributes(verb: "get", resource: "pods"), of: UserInfo(username: "ann"))

    @Test(arguments: [
        (APIRequest(.get, path: "/a"), [review, access, APIRequest(.put, path: lease)]),
        (review, [APIRequest(.get, path: "/a"), APIRequest(.put, path: lease)]),
        (access, [APIRequest(.get, path: "/a"), APIRequest(.put, path: lease)]),
    ])
    func `requests that are not answered hold up none of another kind`(
        silent: APIRequest, answered: [APIRequest]
    ) async throws {
        let authority = try TestAuthority()
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try await ScriptedHTTPS(identity: authority.issue(names: "IP:127.0.0.1")) {
            request, peer in
            if request.contains(" /prefix\(silent.path) ") { arrived.yield() } else { peer.answer("200 OK") }
        }
        let client = try server.client(
            FixedAccess(Access(authorization: nil, trust: .authorities(authority.certificatePEM))))
        let flood = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<100 { group.addTask { _ = try? await client.send(silent) } }
            }
        }
        for await _ in arrivals.prefix(TransferLane(silent).threadCount) {}
        for request in answered {
            var request = request
            request.timeLimit = .seconds(10)
            #expect(try await client.send(request).status == 200)
        }
        flood.cancel()
        await flood.value
    }

    @Test(arguments: [(0, true), (29, true), (31, false), (61, false)])
    func `a request that has waited for half of its time is not begun`(
        waited: Int, isBegun: Bool
    ) async throws {
        let authority = try TestAuthority()
        let server = try await ScriptedHTTPS(identity: authority.issue(names: "IP:127.0.0.1")) { _, peer in
            peer.answer("200 OK")
        }
        let access = Access(authorization: nil, trust: .authorities(authority.certificatePEM))
        let transfer = try server.client(FixedAccess(access)).transfer(Self.review, access)
        let result = await withCheckedContinuation { continuation in
            Thread.start {
                continuation.resume(
                    returning: Result { () throws(TransportFailure) in try CurlHandle() }.flatMap { handle in
                        TransferThreads.perform(
                            .init(
                                transfer, bodyLimit: 100, timeLimit: .seconds(60),
                                since: .now - .seconds(waited), isWanted: { true }, finish: { _ in }),
                            on: handle)
                    })
            }
        }
        #expect(result.map(\.status) == (isBegun ? .success(200) : .failure(.timedOut)))
        #expect(server.seen.count == (isBegun ? 1 : 0))
    }

    @Test func `a queue that is full refuses at once`() async throws {
        let authority = try TestAuthority()
        let server = try await ScriptedHTTPS(identity: authority.issue(names: "IP:127.0.0.1")) { _, _ in }
        let client = try server.client(
            FixedAccess(Access(authorization: nil, trust: .authorities(authority.certificatePEM))))
        let lane = TransferLane(Self.review)
        let refused = AsyncStream<Void>.makeStream()
        let flood = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0...(lane.threadCount + lane.queueLimit) {
                    group.addTask {
                        do throws(TransportFailure) { _ = try await client.send(Self.review) } catch {
                            if error == .connectionFailed("\(lane.queueLimit) requests wait already") {
                                refused.continuation.yield()
                            }
                        }
                    }
                }
            }
        }
        for await _ in refused.stream.prefix(1) {}
        flood.cancel()
        await flood.value
    }
}
