import API
import Kubernetes
import Testing

@testable import Admission
@testable import Operator

/// Who has removed something is recorded once it is gone, whoever calls the webhook.
struct RemovalsTests {
    private let removals = Removals()
    private static let policy: JSON = [
        "metadata": ["name": "phi", "namespace": "clinic", "uid": "u-1", "generation": 4]
    ]

    private func ask(by user: String, uid: String = "u-1") throws {
        let review: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "1", "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": "MaskingPolicy"],
                "operation": "DELETE", "namespace": "clinic", "userInfo": ["username": .string(user)],
                "oldObject": ["metadata": ["name": "phi", "namespace": "clinic", "uid": .string(uid)]],
            ],
        ]
        let removal = try #require(Removal(try AdmissionRequest(review.rendered)))
        removals.expect(removal, of: try APIObject(Self.policy))
    }

    /// What is recorded once the object is gone, and after it another of the name `last`.
    private func recorded(andThen last: String = "last") async throws -> [String] {
        removals.note(try APIObject(Self.policy), of: "MaskingPolicy")
        let other: JSON = ["metadata": ["name": .string(last), "namespace": "clinic", "uid": "u-2"]]
        let removal: JSON = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "2", "kind": ["group": "weir.dev", "version": "v1alpha1", "kind": "MaskingPolicy"],
                "operation": "DELETE", "namespace": "clinic", "userInfo": ["username": "end"],
                "oldObject": other,
            ],
        ]
        removals.expect(
            try #require(Removal(try AdmissionRequest(removal.rendered))), of: try APIObject(other))
        removals.note(try APIObject(other), of: "MaskingPolicy")
        var told: [String] = []
        for await line in removals.confirmed {
            if line.contains("/\(last) ") { break }
            told.append(line)
        }
        return told
    }

    @Test func `it names who has sent it`() async throws {
        try ask(by: "mia")
        #expect(try await recorded() == ["MaskingPolicy clinic/phi removed by mia, generation 4"])
    }

    @Test func `what nobody has asked for, or of another object, names nobody`() async throws {
        try ask(by: "mia", uid: "u-3")
        #expect(try await recorded() == [])
    }

    @Test func `what is said of another object than the one of that name counts for neither`() async throws {
        try ask(by: "mia", uid: "u-3")
        let other: JSON = ["metadata": ["name": "later", "namespace": "clinic", "uid": "u-3"]]
        removals.note(try APIObject(other), of: "MaskingPolicy")
        #expect(try await recorded() == [])
    }

    @Test func `where several are named, all of them are told, and no more than there is room for`()
        async throws
    {
        for user in ["a", "b", "c", "b", "d", "mia"] { try ask(by: user) }
        #expect(
            try await recorded() == ["MaskingPolicy clinic/phi removed by any of c, b, d, mia, generation 4"])
    }
}
