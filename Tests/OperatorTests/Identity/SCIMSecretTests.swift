import Cryptography
import Kubernetes
import Synchronization
import Testing

@testable import Operator

/// How often strangers who ask for SCIM have its Secret read.
struct SCIMSecretTests {
    private static let token = String(repeating: "s", count: 40)
    private static let refused = SCIMFault(.unauthorized, "the token is refused")

    /// An API server that counts what it is asked, and has the Secret or not.
    private final class Server: APIServer {
        let asked = Mutex(0)
        let status = Mutex(200)
        /// What an editor leaves behind a value.
        let lineEnd = Mutex("")
        private let token: String

        init(token: String = SCIMSecretTests.token) {
            self.token = token
        }

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            asked.withLock { $0 += 1 }
            let end = lineEnd.withLock { $0 }
            let secret: JSON = [
                "data": [
                    "token": .string(Base64.encode(Array((token + end).utf8))),
                    "subjectPrefix": .string(Base64.encode(Array(("people:" + end).utf8))),
                ]
            ]
            return APIResponse(status: status.withLock { $0 }, body: secret.rendered)
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            throw .connectionFailed("nothing is watched here")
        }

        var count: Int { asked.withLock { $0 } }
    }

    private let server = Server()

    private func answer(_ secret: SCIMSecret, to authorization: String) async -> Result<String, SCIMFault> {
        do throws(SCIMFault) {
            return .success(try await secret.subjectPrefix(showing: authorization))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: ["", "Bearer ", "Bearer short", "Basic \(token)", token])
    func `for what is no token at all nothing is read`(authorization: String) async {
        let secret = SCIMSecret(server, in: "weir-system")
        #expect(await answer(secret, to: authorization) == .failure(Self.refused))
        #expect(server.count == 0)
    }

    @Test(arguments: [(0, false), (31, false), (32, true)])
    func `a Secret whose token is shorter than 32 bytes lets nobody in`(length: Int, isTaken: Bool) async {
        let token = String(repeating: "s", count: length)
        let secret = SCIMSecret(Server(token: token), in: "weir-system")
        let answer = await answer(secret, to: "Bearer \(token)")
        let expected: Result<String, SCIMFault> = isTaken ? .success("people:") : .failure(Self.refused)
        #expect(answer == expected)
    }

    @Test func `the Secret is read once for all who ask within ten seconds`() async {
        let clock = Time()
        let secret = SCIMSecret(server, in: "weir-system") { clock.now }
        await withDiscardingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { _ = await answer(secret, to: "Bearer \(Self.token)x") }
            }
        }
        #expect(await answer(secret, to: "Bearer \(Self.token)") == .success("people:"))
        #expect(server.count == 1)
        clock.wait(SCIMSecret.lifetime)
        #expect(await answer(secret, to: "Bearer \(Self.token)x") == .failure(Self.refused))
        #expect(server.count == 2)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a line end behind a value is none of it`(end: String) async {
        server.lineEnd.withLock { $0 = end }
        let secret = SCIMSecret(server, in: "weir-system")
        #expect(await answer(secret, to: "Bearer \(Self.token)") == .success("people:"))
    }

    @Test func `that there is none is remembered, that it could not be read is not`() async {
        let secret = SCIMSecret(server, in: "weir-system")
        server.status.withLock { $0 = 500 }
        for _ in 0..<2 {
            let answer = await answer(secret, to: "Bearer \(Self.token)")
            #expect(answer == .failure(SCIMFault(.serviceUnavailable, "the token cannot be judged now")))
        }
        #expect(server.count == 2)
        server.status.withLock { $0 = 404 }
        for _ in 0..<2 {
            let answer = await answer(secret, to: "Bearer \(Self.token)")
            #expect(answer == .failure(SCIMFault(.serviceUnavailable, "SCIM is not set up")))
        }
        #expect(server.count == 3)
    }
}

/// A steady clock that a test moves.
private final class Time: Sendable {
    private let value = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { value.withLock { $0 } }

    func wait(_ duration: Duration) { value.withLock { $0 += duration } }
}
