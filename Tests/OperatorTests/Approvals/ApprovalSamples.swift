import API
import Kubernetes

@testable import Admission
@testable import Operator

/// A request by `job`, under a rule that asks two of `dba`, or ana in person, for their reasons.
enum ApprovalSamples {
    static let before = "2026-11-29T09:00:00Z"
    static let end = "2026-11-29T10:00:00Z"
    static let after = "2026-11-29T10:00:01Z"

    static func rule(_ approval: String = "") throws -> ApprovalRule.Spec {
        try ApprovalRule(manifest: node(ruleDocument(approval)), defaultNamespace: "clinic").spec
    }

    /// The object as the API server has it.
    static func ruleDocument(_ approval: String = "") throws -> JSON {
        try JSON(
            parsing: Array(
                """
                {"apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRule",
                 "metadata": {"name": "destruction", "namespace": "clinic"},
                 "spec": {"targets": {"connectionNames": ["main"]}, "match": {"statements": ["Drop"]},
                  "effect": "RequireApproval", "approval": {"required": 2, "requireReason": true,
                  "approvers": {"users": ["ana"], "groups": ["dba"]}\(approval)}}}
                """.utf8))
    }

    /// The object as the API server has it, with these decisions.
    static func document(_ decisions: [JSON] = [], breakGlass: String? = nil) throws -> JSON {
        let question = ApprovalQuestion(
            id: "5a3c-1", rule: ApprovalRequest.RuleReference(namespace: "clinic", name: "destruction"),
            connection: "clinic/main",
            requester: ApprovalRequester(Subject(name: "job", groups: ["ci"], proof: .workload)),
            digest: [UInt8](repeating: 7, count: 32), kind: .drop, tables: ["public.old"],
            redactedText: "DROP TABLE old", whileWaiting: .block, breakGlass: breakGlass)
        var document = ApprovalRequest.document(
            of: question, namespace: "clinic", by: "uid-1", rule: try rule(), until: end)
        document["spec", "decisions"] = .array(decisions)
        return document
    }

    static func request(
        _ decisions: [JSON] = [], breakGlass: String? = nil
    ) throws -> ApprovalRequest.Spec {
        let document = try document(decisions, breakGlass: breakGlass)
        return try ApprovalRequest(manifest: node(document), defaultNamespace: "clinic").spec
    }

    static func decision(
        _ name: String, _ verdict: String = "Approve", reason: String = "seen", groups: [String] = ["dba"],
        at time: String = before
    ) -> JSON {
        [
            "id": .string("by-\(name)"), "verdict": .string(verdict), "reason": .string(reason),
            "approver": ["username": .string(name), "groups": JSON(groups)], "time": .string(time),
        ]
    }

    private static func node(_ json: JSON) -> ManifestNode {
        ManifestNode(json: json, at: ManifestPosition(file: "sample", line: 0, column: 0))
    }
}
