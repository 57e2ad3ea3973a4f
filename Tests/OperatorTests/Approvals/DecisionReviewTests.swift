import API
import Kubernetes
import Testing

@testable import Admission
@testable import Operator

struct DecisionReviewTests {
    private typealias Samples = ApprovalSamples

    /// What the webhook makes of decisions that `user` adds to those that are there.
    private func review(
        _ added: [JSON], to known: [JSON] = [], by user: String, groups: [String] = ["dba"],
        operation: String = "UPDATE", subresource: String = ""
    ) throws -> DecisionReview? {
        let review: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "1", "operation": .string(operation), "namespace": "clinic",
                "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": "ApprovalRequest"],
                "subResource": .string(subresource),
                "userInfo": ["username": .string(user), "groups": JSON(groups)],
                "object": try Samples.document(known + added), "oldObject": try Samples.document(known),
            ],
        ]
        return try DecisionReview(try AdmissionRequest(review.rendered))
    }

    private func decided(_ review: DecisionReview?) throws -> JSON {
        let review = try #require(review)
        let patch = try review.patch(rule: Samples.rule(), at: Samples.before)
        return try review.request.object.applying(patch)["spec", "decisions"]?.array?.last ?? .null
    }

    @Test func `a decision is of whoever sends it, now`() throws {
        let bare: JSON = ["id": "one", "verdict": "Approve", "reason": "seen"]
        let stamped = try decided(review([bare], by: "ana"))
        #expect(stamped["approver"] == ["username": "ana", "groups": ["dba"]])
        #expect(stamped["time"] == .string(Samples.before))
    }

    @Test func `another's name, groups and time are overwritten`() throws {
        let forged = Samples.decision("ben", at: "2026-11-29T08:00:00Z")
        let stamped = try decided(review([forged], by: "ana", groups: ["staff"]))
        #expect(stamped["approver"] == ["username": "ana", "groups": ["staff"]])
        #expect(stamped["time"] == .string(Samples.before))
    }

    @Test func `who may not approve by the rule is refused`() throws {
        #expect(throws: DecisionFault("eve is not among the rule's approvers")) {
            try decided(review([Samples.decision("ana")], by: "eve", groups: ["ops"]))
        }
        #expect(throws: DecisionFault("job asks for it, and nobody approves what they ask for themselves")) {
            try decided(review([Samples.decision("ana")], by: "job"))
        }
    }

    @Test func `nobody decides twice, or for two`() throws {
        #expect(throws: DecisionFault("ana has decided this request already")) {
            try decided(review([Samples.decision("ben")], to: [Samples.decision("ana")], by: "ana"))
        }
        #expect(throws: DecisionFault.self) {
            try decided(review([Samples.decision("ana"), Samples.decision("ben")], by: "ana"))
        }
    }

    @Test func `no request is made with decisions in it`() throws {
        #expect(throws: DecisionFault("a request for approval begins without decisions")) {
            try review([Samples.decision("ana")], by: "eve", operation: "CREATE")
        }
    }

    @Test func `nothing is done where nothing is decided`() throws {
        #expect(try review([], to: [Samples.decision("ana")], by: "eve") == nil)
        #expect(try review([], by: "operator", operation: "CREATE") == nil)
        #expect(try review([Samples.decision("ana")], by: "eve", subresource: "status") == nil)
    }
}
