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

    /// Why a question is not taken.
    enum Refusal: Error, Equatable {
        case unknownRule
        /// See ``ApprovalLimit``.
        case tooMany(String)
        /// A request of the question's name is about something else.
        case isAnother
        /// The API server will not take the request. Its words are for the operator's log alone: they name accounts,
        /// quotas and webhooks of the cluster.
        case notTaken
        /// It may take it later.
        case unavailable

        /// What is to be reviewed is noted as soon as a quota or a right allows it: nobody waits for that.
        init(_ error: APIError, of question: ApprovalQuestion) {
            guard case .refused(let failure) = error else {
                self = .unavailable
                return
            }
            switch failure.kind {
            case .badRequest, .invalid, .tooLarge: self = .notTaken
            case .forbidden where question.breakGlass == nil: self = .notTaken
            default: self = .unavailable
            }
        }
    }

    func add(to router: Router<ClientContext>) {
        router.post("/v1/approvals") { request, _ in
            let pod = try await pod(asking: request)
            let body = try await request.body.collect(upTo: ApprovalMessages.maximumLength)
            let question: ApprovalQuestion
            do throws(ManifestFault) {
                question = try ApprovalMessages.question(Array(body.readableBytesView))
            } catch {
                throw HTTPError(.badRequest, message: error.brief)
            }
            let answer: ApprovalAnswer
            do { answer = try await ask(question, by: pod) } catch let refusal as Refusal {
                throw refusal.response
            }
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

    func ask(_ question: ApprovalQuestion, by pod: ObservedPod) async throws -> ApprovalAnswer {
        let found = gate.state.withView { view -> (rule: ApprovalRule.Spec, known: ObservedApproval?)? in
            guard let rule = view.rule(of: question, by: pod) else { return nil }
            return (rule, view.approval(answering: question, by: rule, of: pod, at: now()))
        }
        guard let found else { throw Refusal.unknownRule }
        guard question.isAsked(by: found.rule) else {
            throw HTTPError(.serviceUnavailable, message: "the gateway has another version of the rule")
        }
        guard let known = found.known else {
            try checkLimit(question, in: pod.key.namespace)
            return try await create(question, found.rule, by: pod)
        }
        let judgement = ApprovalJudgement(known.request.spec, rule: found.rule, now: now().time)
        if known.comesAgain, judgement.mayRun, try await !use(known) {
            return ApprovalAnswer(id: question.id, request: known.request.metadata.name, state: .pending)
        }
        return ApprovalAnswer(to: question.id, of: known.request, judgement, rule: found.rule)
    }

    private func checkLimit(_ question: ApprovalQuestion, in namespace: String) throws(Refusal) {
        guard question.breakGlass == nil else { return }
        let waiting = gate.state.withView { $0.waitingRequesters(in: namespace, at: now().time) }
        let fault = ApprovalLimit.fault(for: question.requester.subject.name, beside: waiting)
        if let fault { throw .tooMany(fault) }
    }

    private func create(
        _ question: ApprovalQuestion, _ rule: ApprovalRule.Spec, by pod: ObservedPod
    ) async throws -> ApprovalAnswer {
        let end = now() + (rule.approval?.term(of: question) ?? .zero)
        let document = ApprovalRequest.document(
            of: question, namespace: pod.key.namespace, by: pod.uid, pod: pod.key.name, rule: rule,
            until: end.time)
        let creation = try APIRequest.create(
            .approvalRequests, document, WriteOptions(fieldManager: OwnNames.statusFieldManager))
        do throws(APIError) {
            _ = try await server.answer(to: creation)
        } catch {
            guard case .refused(let failure) = error, failure.kind == .alreadyExists else {
                logger.error(
                    "request for approval not written",
                    metadata: ["request": "\(pod.key.namespace)/\(question.id)", "error": "\(error)"])
                throw Refusal(error, of: question)
            }
            try await confirm(question, by: pod)
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

    /// There is a request of that name already, which the watch has not told of: it has to be this one.
    private func confirm(_ question: ApprovalQuestion, by pod: ObservedPod) async throws {
        let key = ObjectKey(namespace: pod.key.namespace, name: question.id)
        let answer = try await server.answer(to: .get(.approvalRequests, key))
        guard let found = try ObservedApproval(APIObject(answer)), found.gateway == pod.uid,
            found.request.spec.isAbout(question)
        else { throw Refusal.isAnother }
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

    /// - Throws: 503 when it may be there still: the gateway asks again.
    func withdraw(_ id: String, by pod: ObservedPod) async throws {
        let key = ObjectKey(namespace: pod.key.namespace, name: id)
        // Read afresh: the watch may not have told of it yet.
        guard let content = try await answer(withdrawing: .get(.approvalRequests, key)),
            let found = try ObservedApproval(APIObject(content)), found.gateway == pod.uid, !found.comesAgain,
            found.request.spec.breakGlass == nil
        else { return }
        _ = try await answer(withdrawing: .delete(.approvalRequests, key, DeleteOptions(uid: found.uid)))
    }

    /// - Returns: `nil` when it is gone, or another has its name.
    private func answer(withdrawing request: APIRequest) async throws(HTTPError) -> JSON? {
        do throws(APIError) {
            return try await server.answer(to: request)
        } catch {
            if case .refused(let failure) = error, failure.code == 404 || failure.code == 409 { return nil }
            logger.error("request for approval not withdrawn", metadata: ["error": "\(error)"])
            throw HTTPError(.serviceUnavailable, message: "the request cannot be withdrawn now")
        }
    }
}

extension ApprovalRoutes.Refusal {
    /// Its message reaches the client whose statement waits.
    var response: HTTPError {
        switch self {
        case .unknownRule:
            HTTPError(
                .unprocessableContent, message: "no such rule asks this pod's connection for approval")
        case .tooMany(let why): HTTPError(.unprocessableContent, message: why)
        case .isAnother: HTTPError(.conflict, message: "a request of that name is about something else")
        case .notTaken:
            HTTPError(
                .unprocessableContent,
                message: "the cluster does not take the request; the operator's log tells why")
        case .unavailable:
            HTTPError(.serviceUnavailable, message: "the request cannot be written now")
        }
    }
}
