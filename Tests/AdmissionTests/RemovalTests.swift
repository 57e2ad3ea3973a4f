import API
import Kubernetes
import Testing

@testable import Admission

/// Who deletes a connection, policy or rule is told by the API server.
struct RemovalTests {
    private static let reviewer = AdmissionReviewer(injector: Samples.injector)
    private static let policy: JSON = [
        "apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy",
        "metadata": ["name": "phi", "namespace": "clinic", "uid": "u-1", "generation": 4],
    ]

    /// What is to be recorded of a deletion that is let go, whatever it is.
    private static func removal(_ change: (inout JSON) -> Void = { _ in }) throws -> Removal? {
        var request: JSON = [
            "uid": "1", "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": "MaskingPolicy"],
            "operation": "DELETE", "namespace": "clinic", "name": "phi", "object": .null, "oldObject": policy,
            "dryRun": false, "userInfo": ["username": "mia"],
        ]
        change(&request)
        let review: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request,
        ]
        let (reply, removal) = reviewer.remove(review.rendered)
        #expect(try JSON(parsing: reply.body)["response", "allowed"] == true)
        return removal
    }

    @Test func `it says what goes and who asks for that`() throws {
        let removal = try #require(try Self.removal())
        #expect(removal.kind == .maskingPolicy && removal.key == ObjectKey(namespace: "clinic", name: "phi"))
        #expect(removal.uid == "u-1" && removal.user == "mia")
    }

    @Test func `several at once are named each, although the request names none`() throws {
        #expect(try Self.removal { $0["name"] = nil }?.key.name == "phi")
    }

    @Test func `a dry run, a second request and other objects are not told`() throws {
        #expect(try Self.removal { $0["dryRun"] = true } == nil)
        #expect(
            try Self.removal { $0["oldObject", "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
                == nil)
        #expect(try Self.removal { $0["kind", "kind"] = "ApprovalRequest" } == nil)
        #expect(try Self.removal { $0["kind", "group"] = "example.org" } == nil)
        #expect(try Self.removal { $0["operation"] = "UPDATE" } == nil)
    }

    @Test func `a name of any length leaves a record that is short`() throws {
        let long = String(repeating: "x", count: 10_000)
        #expect(try Self.removal { $0["userInfo", "username"] = .string(long) }?.user.count == 256)
    }

    @Test func `what is no review is let go by nobody`() {
        let (reply, removal) = Self.reviewer.remove(Array("{}".utf8))
        #expect(reply.status == 400 && removal == nil)
    }
}
