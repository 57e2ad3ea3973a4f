import API
import Admission
import Kubernetes

/// A request, and what else is known of it.
struct KeptRequest {
    var document: JSON
    var request: ApprovalRequest
    /// By the statement it was for.
    var isUsed: Bool

    init(_ document: JSON) throws(ManifestFaults) {
        let node = ManifestNode(json: document, at: ManifestPosition(file: "approvals", line: 0, column: 0))
        request = try ApprovalRequest(manifest: node, defaultNamespace: "")
        self.document = document
        isUsed = document["status", "used"]?.bool ?? false
    }

    /// Of a review that is over.
    var phase: ApprovalJudgement.Phase? {
        document["status", "phase"]?.string.flatMap(ApprovalJudgement.Phase.init)
    }

    /// Whose statement waits.
    var gateway: String? { document["metadata", "labels", ApprovalRequest.gatewayLabel]?.string }

    var comesAgain: Bool {
        document["metadata", "labels", ApprovalRequest.comesAgainLabel]?.string == "true"
    }

    /// That gateway holds a statement for it.
    func isAwaited(by gateway: String) -> Bool {
        self.gateway == gateway && !comesAgain && request.spec.breakGlass == nil
    }

    func isExpired(at now: Timestamp) -> Bool { request.spec.expiresAt < now.time }

    func told(_ judgement: ApprovalJudgement) -> JSON {
        var told = document
        told["status", "phase"] = .string(judgement.phase.rawValue)
        told["status", "approvals"] = .integer(Int64(judgement.approvals))
        told["status", "used"] = .bool(isUsed)
        return told
    }
}
