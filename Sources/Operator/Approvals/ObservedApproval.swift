import API
import Admission
import Cryptography
import Kubernetes

/// An ApprovalRequest as the API server has it.
struct ObservedApproval: Sendable {
    var key: ObjectKey
    var uid: String
    var resourceVersion: String
    var generation: Int64
    /// `nil` where the server tells none.
    var createdAt: Timestamp?
    var request: ApprovalRequest
    /// Without ``notifications``, which are written apart.
    var status: JSON
    /// What webhooks have been told.
    var notifications: [NotificationRecord]
    /// The uid of the pod whose gateway holds the statement.
    var gateway: String?
    /// The name of that pod; `nil` where it is not told.
    var pod: String?
    /// The statement was refused until it comes again.
    var comesAgain: Bool

    /// - Returns: `nil` for one that cannot be read.
    init?(_ object: APIObject) {
        guard
            let request = try? ApprovalRequest(
                manifest: ManifestNode(object: object), defaultNamespace: object.key.namespace)
        else { return nil }
        self.request = request
        key = object.key
        uid = object.uid
        resourceVersion = object.content["metadata", "resourceVersion"]?.string ?? ""
        generation = object.content["metadata", "generation"]?.integer ?? 0
        status = object.content["status"] ?? [:]
        notifications = NotificationRecord.all(in: status)
        status["notifications"] = nil
        let metadata = object.metadata
        createdAt = metadata.creationTimestamp
        gateway = metadata.labels[ApprovalRequest.gatewayLabel]
        pod = metadata.annotations[ApprovalRequest.podAnnotation]
        comesAgain = metadata.labels[ApprovalRequest.comesAgainLabel] == "true"
    }

    /// Its gateway holds a statement for it.
    func isAwaited(by gateway: String) -> Bool {
        self.gateway == gateway && !comesAgain && request.spec.breakGlass == nil
    }

    /// The pod whose gateway holds a statement for it; `nil` where none does, or the pod's name is not told.
    var holder: PodIdentity? {
        guard let gateway, let pod, isAwaited(by: gateway) else { return nil }
        return PodIdentity(key: ObjectKey(namespace: key.namespace, name: pod), uid: gateway)
    }

    /// As the status says it.
    var phase: ApprovalJudgement.Phase? { status["phase"]?.string.flatMap(ApprovalJudgement.Phase.init) }
    var isUsed: Bool { status["used"]?.bool ?? false }

    /// What the status is to say.
    func status(_ judgement: ApprovalJudgement) -> StatusDocument {
        let message =
            judgement.faults.isEmpty
            ? "\(judgement.approvals) of \(request.spec.requiredApprovals) approvals"
            : judgement.faults.joined(separator: "; ")
        let isDecided: Condition.Status = judgement.phase.isDecided ? .isTrue : .isFalse
        var fields: JSON = [
            "phase": .string(judgement.phase.rawValue), "approvals": .integer(Int64(judgement.approvals)),
        ]
        if isUsed { fields["used"] = true }
        return StatusDocument(
            generation: generation,
            conditions: [
                Condition("Ready", isDecided, reason: judgement.phase.rawValue, message: message)
            ], fields: fields)
    }
}

extension ClusterView {
    func approval(_ key: ObjectKey) -> ObservedApproval? {
        object(.approvalRequests, key).flatMap(ObservedApproval.init)
    }

    func approvals(in namespace: String) -> [ObservedApproval] {
        objects(.approvalRequests, in: namespace).compactMap(ObservedApproval.init)
    }

    /// Who asks for what waits for a decision in a namespace, one name a statement: as far as the watch has told, so that
    /// a few may be missing that were just made.
    func waitingRequesters(in namespace: String, at now: String) -> [String] {
        objects(.approvalRequests, in: namespace).compactMap { object in
            let content = object.content
            let phase = content["status", "phase"]?.string ?? ApprovalJudgement.Phase.pending.rawValue
            guard content["spec", "breakGlass"] == nil, phase == ApprovalJudgement.Phase.pending.rawValue,
                content["status", "used"]?.bool != true, (content["spec", "expiresAt"]?.string ?? "") > now
            else { return nil }
            return content["spec", "requester", "name"]?.string
        }
    }

    /// Those that nobody has looked at in time, as their statuses say.
    var overdueReviewCount: Int {
        approvalKeys.count { approval($0)?.phase == .overdue }
    }

    var approvalKeys: [ObjectKey] { keys(of: .approvalRequests) }

    /// The rule as it is now; `nil` when it is gone.
    func rule(of request: ApprovalRequest.Spec) -> ApprovalRule.Spec? {
        approvalRule(ObjectKey(namespace: request.ruleRef.namespace, name: request.ruleRef.name))?.object?
            .spec
    }

    /// The rule of a question, if it binds the connection, and that the pod.
    mutating func rule(of question: ApprovalQuestion, by pod: ObservedPod) -> ApprovalRule.Spec? {
        let connection = attachments(of: pod).compactMap(\.bound)
            .first { $0.connection.metadata.qualifiedName == question.connection }
        let rule = connection?.approvalRules.first {
            $0.metadata.namespace == question.rule.namespace && $0.metadata.name == question.rule.name
        }
        return rule?.spec.approval == nil ? nil : rule?.spec
    }

    /// The request the question was asked by before, or one about the same that may still be used.
    func approval(
        answering question: ApprovalQuestion, by rule: ApprovalRule.Spec, of pod: ObservedPod,
        at now: Timestamp
    ) -> ObservedApproval? {
        let own = approval(ObjectKey(namespace: pod.key.namespace, name: question.id))
        if let own, own.gateway == pod.uid, !own.isUsed, own.request.spec.isAbout(question) { return own }
        guard question.whileWaiting == .reject else { return nil }
        return approvals(in: pod.key.namespace).first { found in
            found.comesAgain && !found.isUsed && found.request.spec.isAbout(question)
                && found.request.spec.expiresAt > now.time && !found.request.spec.hasLapsed(by: rule, at: now)
        }
    }

    /// Those that a pod's gateway has asked for.
    func approvalKeys(of pod: PodIdentity) -> [ObjectKey] { requests(of: pod).map(\.key) }

    /// Those of other gateways are not read at all: each stream asks for its own whenever one changes.
    private func requests(of pod: PodIdentity) -> [APIObject] {
        objects(.approvalRequests, in: pod.key.namespace).filter {
            $0.content["metadata", "labels", ApprovalRequest.gatewayLabel]?.string == pod.uid
        }
    }

    private func awaitedApprovals(by pod: ObservedPod) -> [ObservedApproval] {
        requests(of: PodIdentity(key: pod.key, uid: pod.uid))
            .compactMap(ObservedApproval.init).filter { $0.isAwaited(by: pod.uid) }
    }

    /// Where each statement stands that a pod's gateway holds.
    func answers(for pod: ObservedPod, at now: String) -> [ApprovalAnswer] {
        awaitedApprovals(by: pod).map { found in
            let rule = rule(of: found.request.spec)
            let judgement = ApprovalJudgement(found.request.spec, rule: rule, now: now)
            return ApprovalAnswer(to: found.key.name, of: found.request, judgement, rule: rule)
        }
    }
}
