import API
import Hummingbird
import Kubernetes
import Logging
import Testing

@testable import Operator

/// What a gateway is told that gives up a question.
struct WithdrawalTests {
    /// Has the request, and answers with these statuses.
    private struct Server: APIServer {
        var reading = 200
        var deletion = 200
        var change: @Sendable (inout JSON) -> Void = { _ in }

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            guard request.method == .get else { return APIResponse(status: deletion, body: Array("{}".utf8)) }
            guard var document = try? ApprovalSamples.document() else { throw .connectionFailed("no sample") }
            document["metadata", "uid"] = "request-1"
            change(&document)
            return APIResponse(status: reading, body: document.rendered)
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            throw .connectionFailed("nothing is watched here")
        }
    }

    /// - Returns: why not; `nil` for a request that is gone.
    private func withdraw(at server: Server) async throws -> HTTPResponse.Status? {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let routes = ApprovalRoutes(
            gate: GatewayGate(
                state: ClusterState(ClusterView(platformNamespace: "weir-system")),
                authenticator: TokenAuthenticator(server: server, metrics: OperatorMetrics()), logger: logger),
            server: server, now: { Timestamp(microseconds: 0) }, logger: logger)
        var pod = Cast.pod("api")
        pod["metadata", "uid"] = "uid-1"
        do {
            try await routes.withdraw("5a3c-1", by: ObservedPod(try APIObject(pod)))
            return nil
        } catch let error as HTTPError {
            return error.status
        }
    }

    @Test(arguments: [200, 202, 404, 409])
    func `a request that is deleted, gone or another is withdrawn`(status: Int) async throws {
        #expect(try await withdraw(at: Server(deletion: status)) == nil)
    }

    @Test func `what a gateway does not wait for is left as it is`() async throws {
        let changes: [@Sendable (inout JSON) -> Void] = [
            { $0["metadata", "labels", ApprovalRequest.gatewayLabel] = "uid-2" },
            { $0["metadata", "labels", ApprovalRequest.comesAgainLabel] = "true" },
            { $0["spec", "breakGlass"] = ["reason": "ward 3 is down"] },
        ]
        // It would be told of a deletion.
        #expect(try await withdraw(at: Server(deletion: 500)) == .serviceUnavailable)
        for change in changes {
            #expect(try await withdraw(at: Server(deletion: 500, change: change)) == nil)
        }
    }

    @Test(arguments: [401, 403, 429, 500, 503])
    func `one that may be there still is to be withdrawn again`(status: Int) async throws {
        #expect(try await withdraw(at: Server(deletion: status)) == .serviceUnavailable)
        #expect(try await withdraw(at: Server(reading: status)) == .serviceUnavailable)
    }
}
