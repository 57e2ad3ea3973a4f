import API
import Kubernetes
import Testing

@testable import Operator

/// Which requests a gateway is told of.
struct AwaitedApprovalTests {
    private func request(_ name: String, of gateway: String?, comesAgain: Bool = false) throws -> APIObject {
        var document = try ApprovalSamples.document()
        document["metadata", "name"] = .string(name)
        document["metadata", "labels", ApprovalRequest.gatewayLabel] = gateway.map { .string($0) }
        if comesAgain { document["metadata", "labels", ApprovalRequest.comesAgainLabel] = "true" }
        return try APIObject(document)
    }

    @Test func `a gateway is told of those that it holds a statement for`() throws {
        var view = ClusterView(platformNamespace: "weir-system")
        let requests = [
            try request("own", of: "uid-1"), try request("others", of: "uid-2"),
            try request("nobodys", of: nil), try request("later", of: "uid-1", comesAgain: true),
        ]
        _ = view.take(.all(requests), of: .approvalRequests, scope: nil)
        var pod = Cast.pod("api")
        pod["metadata", "uid"] = "uid-1"
        let answers = view.answers(for: ObservedPod(try APIObject(pod)), at: ApprovalSamples.before)
        #expect(answers.map(\.id) == ["own"])
    }
}
