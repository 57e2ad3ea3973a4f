import API
import Cryptography
import Hummingbird
import Kubernetes
import Logging
import Manifests
import NIOCore

/// `POST /v1/approvals`, a statement that people are to decide about, and `DELETE /v1/approvals/ID`, one that nobody waits for
/// any more. Each is an ApprovalRequest in the connection's namespace, whose name is the question's id.
struct ApprovalRoutes: Sendable {
    let gate: GatewayGate
    let server: any APIServer
    let now: @Sendable () -> Timestamp
    let logger: Logger

    func add(to router: Router<ClientContext>) {
        router.post("/v1/approvals") { request, _ in
            let pod = try await pod(asking: request)
            let body = try await request.body.collect(upTo: ApprovalMessages.maximumLength)
            let question: ApprovalQuestion
            do { question = try ApprovalMessages.question(Array(body.readableBytesView)) } catch {
                throw HTTPError(.badRequest, message: "\(error)")
            }
            let answer = try await ask(question, by: pod)
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: answer.json.bytes + [0x0A])))
        }
        router.delete("/v1/approvals/:id") { request, context in
            try await withdraw(try context.parameters.require("id"), by: try await pod(asking: request))
            return Response(status: .noContent)
        }
    }

    private func pod(asking request: Request) async throws -> ObservedPod {
        guard let pod = gate.pod(of: try await gate.authenticate(request)) else {
            throw HTTPError(.forbidden, message: "this pod is not known")
        }
        return pod
    }

    private func ask(_ question: ApprovalQuestion, by pod: ObservedPod) async throws -> ApprovalAnswer {
        let found = gate.state.withView { view -> (rule: ApprovalRule.Spec, known: ObservedApproval?)? in
            guard let rule = view.rule(of: question, by: pod) else { return nil }
            return (rule, view.approval(answering: question, of: pod, at: now().time))
        }
        guard let found else {
            throw HTTPError(
                .unprocessableContent, message: "no such rule asks this pod's connection for approval")
        }
        guard let known = found.known else { return try await create(question, found.rule, by: pod) }
        let judgement = ApprovalJudgement(known.request.spec, rule: found.rule, now: now().time)
        if known.comesAgain, judgement.mayRun, try await !use(known) {
            return ApprovalAnswer(id: question.id, request: known.request.metadata.name, state: .pending)
        }
        return ApprovalAnswer(to: question.id, of: known.request, judgement, rule: found.rule)
    }

    private func create(
        _ question: ApprovalQuestion, _ rule: ApprovalRule.Spec, by pod: ObservedPod
    ) async throws -> ApprovalAnswer {
        let end = now() + (rule.approval?.term(of: question) ?? .zero)
        let document = ApprovalRequest.document(
            of: question, namespace: pod.key.namespace, by: pod.uid, rule: rule, until: end.time)
        let creation = try APIRequest.create(
            .approvalRequests, document, WriteOptions(fieldManager: OwnNames.statusFieldManager))
        do throws(APIError) {
            _ = try await server.answer(to: creation)
        } catch {
            guard case .refused(let failure) = error, failure.kind == .alreadyExists else {
                logger.error("request for approval not written", metadata: ["error": "\(error)"])
                throw HTTPError(.serviceUnavailable, message: "the request cannot be written now")
            }
        }
        logger.notice(
            question.breakGlass == nil ? "approval asked for" : "glass broken",
            metadata: [
                "request": "\(pod.key.namespace)/\(question.id)", "rule": "\(question.rule.name)",
                "pod": "\(pod.key)",
            ])
        return ApprovalAnswer(
            id: question.id, request: question.id, state: question.breakGlass == nil ? .pending : .approved)
    }

    /// Marks an approval as used, which one statement can.
    /// - Returns: `false` when another was first.
    private func use(_ approval: ObservedApproval) async throws -> Bool {
        let change: JSON = [
            "metadata": ["resourceVersion": .string(approval.resourceVersion)], "status": ["used": true],
        ]
        let response = try await server.send(
            .patch(
                .approvalRequests, approval.key, merging: change,
                WriteOptions(fieldManager: OwnNames.statusFieldManager), subresource: "status"))
        return response.isSuccess
    }

    private func withdraw(_ id: String, by pod: ObservedPod) async throws {
        let key = ObjectKey(namespace: pod.key.namespace, name: id)
        // Read afresh: the watch may not have told of it yet.
        let response = try await server.send(.get(.approvalRequests, key))
        guard response.isSuccess, let object = try? APIObject(response.json()),
            let found = ObservedApproval(object), found.gateway == pod.uid, !found.comesAgain,
            found.request.spec.breakGlass == nil
        else { return }
        _ = try await server.send(.delete(.approvalRequests, key, DeleteOptions(uid: found.uid)))
    }
}
