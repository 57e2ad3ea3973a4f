import Admission
import Cryptography
import Kubernetes
import Testing

/// Who has written a connection, policy or rule is the API server's word, not the object's.
struct EditorStampTests {
    private static let reviewer = AdmissionReviewer(injector: Samples.injector)

    private static func policy(
        _ editor: String?, columns: JSON = ["ssn"], labels: JSON? = nil, note: String? = nil
    ) -> JSON {
        var policy: JSON = [
            "apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy",
            "metadata": ["name": "phi", "namespace": "clinic"], "spec": ["rules": [["columns": columns]]],
        ]
        policy["metadata", "labels"] = labels
        if let editor { policy["metadata", "annotations", "weir.dev/changed-by"] = .string(editor) }
        if let note { policy["metadata", "annotations", "note"] = .string(note) }
        return policy
    }

    /// The object as it is let in; `nil` where it is not.
    private static func stamped(
        _ object: JSON, replacing old: JSON? = nil, by user: String? = "mia", kind: String = "MaskingPolicy"
    ) throws -> JSON? {
        var request: JSON = [
            "uid": "1", "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": .string(kind)],
            "operation": old == nil ? "CREATE" : "UPDATE", "namespace": "clinic", "object": object,
            "oldObject": old ?? .null,
        ]
        if let user { request["userInfo"] = ["username": .string(user)] }
        let review: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request,
        ]
        let answer = try JSON(parsing: reviewer.stamp(review.rendered).body)
        guard answer["response", "allowed"] == true else { return nil }
        guard let patch = answer["response", "patch"]?.string.flatMap({ Base64.decode($0) }) else {
            return object
        }
        return try object.applying(try JSONPatch(try JSON(parsing: patch)))
    }

    @Test(arguments: [nil, "somebody else"])
    func `what is made bears who makes it, whoever it says`(claimed: String?) throws {
        #expect(try Self.stamped(Self.policy(claimed)) == Self.policy("mia"))
    }

    @Test func `what is changed bears who changes it`() throws {
        let old = Self.policy("ann")
        #expect(
            try Self.stamped(Self.policy("ann", columns: []), replacing: old)
                == Self.policy("mia", columns: []))
        // Labels decide what binds what.
        #expect(
            try Self.stamped(Self.policy("ann", labels: ["a": "b"]), replacing: old)
                == Self.policy("mia", labels: ["a": "b"]))
    }

    @Test func `of a change of something else it bears whoever it bore`() throws {
        let old = Self.policy("ann")
        #expect(
            try Self.stamped(Self.policy("mia", note: "x"), replacing: old) == Self.policy("ann", note: "x"))
        #expect(
            try Self.stamped(Self.policy(nil, note: "x"), replacing: old) == Self.policy("ann", note: "x"))
        // One from before there were stamps has none.
        let unknown = try #require(try Self.stamped(Self.policy("mia"), replacing: Self.policy(nil)))
        #expect(unknown["metadata", "annotations", "weir.dev/changed-by"] == nil)
    }

    @Test func `nobody's change is not let in, and other objects are let be`() throws {
        #expect(try Self.stamped(Self.policy(nil), by: nil) == nil)
        #expect(try Self.stamped(Self.policy(nil), by: "") == nil)
        #expect(try Self.stamped(Self.policy(nil), kind: "ApprovalRequest") == Self.policy(nil))
    }
}
