import API
import Kubernetes
import Logging

/// Withdraws, in the place of a gateway that cannot any more, what nobody waits for.
extension Reconciler {
    /// How old a request is at least: a watch may tell of it before another tells of its pod. Ours.
    static let withdrawalAge = Duration.seconds(60)

    /// Ends a request that nobody has decided when the pod that holds its statement is gone, or has ended. What is refused
    /// until it is sent again can be sent by another pod, and what ran by a broken glass is to be reviewed: both stay.
    func withdrawUnheld(_ approval: ObservedApproval, at now: Timestamp) async throws {
        guard let pod = approval.holder, let createdAt = approval.createdAt,
            state.withView({ $0.isGone(pod) })
        else { return }
        let age = now - createdAt
        guard age >= Self.withdrawalAge else {
            return again(.approval(approval.key), Self.withdrawalAge - age + .seconds(1))
        }
        // The watch may be further behind than that.
        guard try await !mayRun(pod) else { return again(.approval(approval.key), Self.withdrawalAge) }
        try await withdraw(approval, of: pod)
    }

    /// As the API server has it at this moment.
    private func mayRun(_ pod: PodIdentity) async throws -> Bool {
        let request = try APIRequest.get(.pods, pod.key)
        let content: JSON
        do throws(APIError) {
            content = try await server.answer(to: request)
        } catch {
            guard case .refused(let failure) = error, failure.kind == .notFound else { throw error }
            return false
        }
        return ObservedPod(try APIObject(content)).mayRun(as: pod)
    }

    private func withdraw(_ approval: ObservedApproval, of pod: PodIdentity) async throws {
        let reason = "the gateway in pod \(pod.key.name) is gone, and nobody waits for it any more"
        let event = ResourceEvent(isWarning: false, reason: "GatewayGone", message: reason)
        // First, since nothing is looked at any more once the request is gone.
        try await tell(event, of: .approvalRequests, approval.key, uid: approval.uid)
        let deletion = try APIRequest.delete(
            .approvalRequests, approval.key, DeleteOptions(uid: approval.uid))
        guard try await send(deletion) != nil else { return }
        logger.notice(
            "request for approval withdrawn",
            metadata: ["request": "\(approval.key)", "reason": "\(reason)"])
        await record(ApprovalRecorded(withdrawing: approval.request, because: reason))
    }
}
