import API
import Cryptography
import Kubernetes

extension ApprovalRequest {
    /// The label that names the pod, by its uid, that waits for the decision.
    static let gatewayLabel = "weir.dev/gateway-uid"
    /// Set where the statement was refused until it comes again.
    static let comesAgainLabel = "weir.dev/comes-again"
    /// Annotation: the name of that pod, which may be too long for a label.
    static let podAnnotation = "weir.dev/gateway-pod"

    /// A new request, without decisions, as it is created; `pod` is the gateway's, where it has one.
    static func document(
        of question: ApprovalQuestion, namespace: String, by gateway: String, pod: String? = nil,
        rule: ApprovalRule.Spec, until expiresAt: String
    ) -> JSON {
        var requester: JSON = [
            "name": .string(question.requester.subject.name),
            "groups": .array(question.requester.subject.groups.map { .string($0) }),
            "proof": .string(question.requester.subject.proof.rawValue),
        ]
        let attributes = question.requester.subject.attributeTexts
        if !attributes.isEmpty { requester["attributes"] = .array(attributes.map { .string($0) }) }
        if !question.requester.through.isEmpty { requester["through"] = .string(question.requester.through) }
        let connection = question.connection.split(separator: "/").last.map(String.init) ?? ""
        var labels: JSON = [:]
        labels[gatewayLabel] = .string(gateway)
        if question.whileWaiting == .reject { labels[comesAgainLabel] = "true" }
        var document: JSON = [
            "apiVersion": .string(ResourceKind.apiVersion), "kind": .string(kind.rawValue),
            "metadata": [
                "name": .string(question.id), "namespace": .string(namespace), "labels": labels,
            ],
            "spec": [
                "ruleRef": [
                    "namespace": .string(question.rule.namespace), "name": .string(question.rule.name),
                ],
                "connectionRef": ["name": .string(connection)],
                "requester": requester,
                "statement": [
                    "sha256": .string(Hexadecimal.encode(question.digest)),
                    "kind": .string(question.kind.rawValue),
                    "tables": .array(question.tables.map { .string($0) }),
                    "redactedText": .string(question.redactedText),
                ],
                "requiredApprovals": .integer(Int64(rule.approval?.required ?? 1)),
                "expiresAt": .string(expiresAt), "decisions": [],
            ],
        ]
        if let pod { document["metadata", "annotations", podAnnotation] = .string(pod) }
        if let reason = question.breakGlass {
            document["spec", "breakGlass"] = ["reason": .string(reason)]
        } else {
            document["spec", "grant"] = ApprovalRequest.Grant(of: rule).document
        }
        if let maximum = rule.grant.maximumRows {
            document["spec", "maximumRows"] = .integer(Int64(maximum))
        }
        return document
    }
}

extension ApprovalRequest.Grant {
    var document: JSON {
        var document: JSON = [
            "type": .string(type.rawValue), "duration": .string(duration.manifestText),
        ]
        if !windows.isEmpty { document["windows"] = .array(windows.map { .string($0) }) }
        if let covers { document["covers"] = .string(covers) }
        return document
    }
}

extension ApprovalRule.Approval {
    /// How long people have to decide about it.
    func term(of question: ApprovalQuestion) -> Duration {
        question.breakGlass == nil ? requestTTL : breakGlass?.reviewWithin ?? requestTTL
    }
}

extension ApprovalRequest.Decision {
    var document: JSON {
        [
            "id": .string(id), "verdict": .string(verdict.rawValue), "reason": .string(reason),
            "approver": [
                "username": .string(approver.username),
                "groups": .array(approver.groups.map { .string($0) }),
            ],
            "time": .string(time),
        ]
    }
}

extension ApprovalAnswer {
    /// Where a request stands, for the question of that id.
    init(
        to id: String, of request: ApprovalRequest, _ judgement: ApprovalJudgement, rule: ApprovalRule.Spec?
    ) {
        let state: State =
            switch judgement.phase {
            case .pending: .pending
            case .approved where judgement.mayRun: .approved
            // Until a window opens, or too late for any.
            case .approved: judgement.isOver ? .expired : .pending
            case .denied: .denied
            case .expired: .expired
            case .awaitingReview, .overdue, .reviewed, .disputed: .approved
            }
        let counted = request.spec.decisions.filter {
            ApprovalJudgement.fault(of: $0, request.spec, rule) == nil
        }
        let awaitsWindow = judgement.phase == .approved && state == .pending
        self.init(
            id: id, request: request.metadata.name, state: state,
            reason: awaitsWindow ? Self.closedWindow : "",
            decisions: counted.map {
                Decision(
                    approver: $0.approver.username, verdict: $0.verdict, reason: $0.reason, time: $0.time)
            })
    }
}
