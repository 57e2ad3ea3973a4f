import Kubernetes
import Testing

@testable import Admission
@testable import Operator

/// Who makes requests for approval, and so says what they are about.
struct RequestMakerTests {
    /// Whether the webhook lets a request without decisions in.
    private func isAllowed(by user: String, operation: String = "CREATE") async throws -> JSON? {
        let reviewer = DecisionReviewer(
            state: ClusterState(ClusterView(platformNamespace: "weir-system")), server: HostAPI(),
            account: { "weir-system:weir-operator" }, now: { Timestamp(microseconds: 0) })
        let review: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "1", "operation": .string(operation), "namespace": "clinic",
                "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": "ApprovalRequest"],
                "userInfo": ["username": .string(user), "groups": []],
                "object": try ApprovalSamples.document(), "oldObject": try ApprovalSamples.document(),
            ],
        ]
        return try JSON(parsing: await reviewer.review(review.rendered).body)["response", "allowed"]
    }

    @Test func `the operator makes them`() async throws {
        #expect(try await isAllowed(by: "system:serviceaccount:weir-system:weir-operator") == true)
    }

    @Test(arguments: [
        "kubernetes-admin", "weir-system:weir-operator", "system:serviceaccount:clinic:weir-operator",
        "system:serviceaccount:weir-system:weir-operator-2", "",
    ])
    func `nobody else does, and may label one`(user: String) async throws {
        #expect(try await isAllowed(by: user) == false)
        #expect(try await isAllowed(by: user, operation: "UPDATE") == true)
    }
}
