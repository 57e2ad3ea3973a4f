import API
import Kubernetes

@testable import Admission
@testable import Operator

/// A request by `job`, under a rule that asks two of `dba`, or ana in person, for their reasons.
enum ApprovalSamples {
    static let before = "2026-11-29T09:00:00Z"
    static let end = "2026-11-29T10:00:00Z"
    static let after = "2026-11-29T10:00:01Z"

    static func rule(_ approval: String = "", grant: String = "{}") throws -> ApprovalRule.Spec {
        var document = try ruleDocument(approval)
        document["spec", "grant"] = try JSON(parsing: Array(grant.utf8))
        return try ApprovalRule(manifest: node(document), defaultNamespace: "clinic").spec
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

    static func question(
        _ id: String = "5a3c-1", by name: String = "job", _ proof: Subject.Proof = .workload,
        digest: [UInt8] = [UInt8](repeating: 7, count: 32), whileWaiting: ApprovalRule.WhileWaiting = .block,
        breakGlass: String? = nil, allowance: String = ""
    ) -> ApprovalQuestion {
        ApprovalQuestion(
            id: id, rule: ApprovalRequest.RuleReference(namespace: "clinic", name: "destruction"),
            connection: "clinic/main",
            requester: ApprovalRequester(Subject(name: name, groups: ["ci"], proof: proof)),
            digest: digest, kind: .drop, tables: ["public.old"],
            redactedText: "DROP TABLE old", whileWaiting: whileWaiting, breakGlass: breakGlass,
            allowance: allowance)
    }

    /// One that is of the question alone.
    static func digest(_ id: String) -> [UInt8] {
        Array(id.utf8) + [UInt8](repeating: 0, count: 32 - id.utf8.count)
    }

    /// The object as the API server has it, with these decisions, asked for by `rule`.
    static func document(
        _ decisions: [JSON] = [], breakGlass: String? = nil, by rule: ApprovalRule.Spec? = nil
    ) throws -> JSON {
        var document = ApprovalRequest.document(
            of: question(breakGlass: breakGlass), namespace: "clinic", by: "uid-1",
            rule: try rule ?? Self.rule(), until: end)
        document["spec", "decisions"] = .array(decisions)
        return document
    }

    static func request(
        _ decisions: [JSON] = [], breakGlass: String? = nil, by rule: ApprovalRule.Spec? = nil
    ) throws -> ApprovalRequest.Spec {
        let document = try document(decisions, breakGlass: breakGlass, by: rule)
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
