import API
import Admission
import Kubernetes

/// Decisions about to be added to an ApprovalRequest: each becomes that of whoever the API server says sends it.
struct DecisionReview {
    let request: AdmissionRequest
    let spec: ApprovalRequest.Spec
    /// Whose decisions they are.
    let approver: UserInfo
    /// Places in the list of those that are new.
    private let added: [Int]

    /// - Returns: `nil` when nothing is decided: the object is let in as it is.
    /// - Throws: a reason to refuse it.
    init?(_ request: AdmissionRequest) throws(DecisionFault) {
        guard request.kind == ResourceKind.approvalRequest.rawValue, request.subresource.isEmpty else {
            return nil
        }
        if request.operation == .create, request.object["spec", "decisions"]?.array?.isEmpty == false {
            throw DecisionFault("a request for approval begins without decisions")
        }
        guard request.operation == .update else { return nil }
        let known = Set((request.oldObject["spec", "decisions"]?.array ?? []).compactMap { $0["id"]?.string })
        let decisions = request.object["spec", "decisions"]?.array ?? []
        let added = decisions.indices.filter { !known.contains(decisions[$0]["id"]?.string ?? "") }
        guard !added.isEmpty else { return nil }
        guard let approver = request.user else { throw DecisionFault("nobody is known to have decided") }
        // Without the new ones, which lack what is filled in.
        let node = ManifestNode(
            json: request.oldObject, at: ManifestPosition(file: "oldObject", line: 0, column: 0))
        guard let old = try? ApprovalRequest(manifest: node, defaultNamespace: request.namespace) else {
            throw DecisionFault("the request cannot be read")
        }
        self.request = request
        self.added = added
        self.approver = approver
        spec = old.spec
    }

    var rule: ObjectKey { ObjectKey(namespace: spec.ruleRef.namespace, name: spec.ruleRef.name) }

    /// The decisions with approver and time filled in, whatever they said.
    /// - Throws: why one would not count.
    func patch(rule: ApprovalRule.Spec?, at time: String) throws(DecisionFault) -> JSONPatch {
        guard !spec.decisions.contains(where: { $0.approver.username == approver.username }), added.count == 1
        else { throw DecisionFault("\(approver.username) has decided this request already") }
        var object = request.object
        var decisions = object["spec", "decisions"]?.array ?? []
        for index in added {
            let groups = Array(approver.groups.prefix(ApprovalRequest.maximumNames))
            decisions[index]["approver"] = [
                "username": .string(approver.username), "groups": .array(groups.map { .string($0) }),
            ]
            decisions[index]["time"] = .string(time)
            let decision = ApprovalRequest.Decision(
                id: decisions[index]["id"]?.string ?? "",
                verdict: decisions[index]["verdict"]?.string == "Approve" ? .approve : .deny,
                reason: decisions[index]["reason"]?.string ?? "",
                approver: ApprovalRequest.Approver(username: approver.username, groups: groups), time: time)
            if let fault = ApprovalJudgement.fault(of: decision, spec, rule) {
                throw DecisionFault("\(approver.username) \(fault)")
            }
        }
        object["spec", "decisions"] = .array(decisions)
        return JSONPatch(from: request.object, to: object)
    }
}

/// Why a decision is not let in.
struct DecisionFault: Error, Equatable {
    var reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// `POST /decide`, the webhook that says whose a decision is.
struct DecisionReviewer: Sendable {
    let state: ClusterState
    let server: any APIServer
    /// `namespace:name` of the operator's service account, which alone makes requests.
    let account: @Sendable () async -> String
    let now: @Sendable () -> Timestamp

    func review(_ body: [UInt8]) async -> AdmissionReply {
        let request: AdmissionRequest
        do { request = try AdmissionRequest(body) } catch { return .malformed("\(error)") }
        do throws(DecisionFault) {
            guard let review = try DecisionReview(request) else {
                let maker = "system:serviceaccount:\(await account())"
                guard request.operation != .create || request.user?.username == maker else {
                    throw DecisionFault("requests for approval are made by the operator alone")
                }
                return .allowed(request)
            }
            let rule = state.withView { $0.approvalRule(review.rule)?.object?.spec }
            let patch = try review.patch(rule: rule, at: now().time)
            switch await mayApprove(review) {
            case true?: return .allowed(request, patch: patch)
            case false?:
                throw DecisionFault(
                    "\(review.approver.username) may not approve approvalrules.weir.dev \(review.rule)")
            case nil: return .denied(request, .unavailable("access cannot be judged now; try again"))
            }
        } catch {
            return .denied(request, .forbidden(error.reason))
        }
    }

    /// - Returns: `nil` when the API server does not say.
    private func mayApprove(_ review: DecisionReview) async -> Bool? {
        let attributes = ResourceAttributes(
            verb: "approve", group: ResourceKind.group, resource: "approvalrules",
            namespace: review.rule.namespace, name: review.rule.name)
        guard let answer = try? await server.answer(to: .reviewAccess(attributes, of: review.approver)) else {
            return nil
        }
        return AccessReviewAnswer(answer).isAllowed
    }
}
