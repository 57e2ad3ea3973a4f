import API
package import Admission
package import Kubernetes
package import Logging

/// Makes what is what should be, for one key at a time: reads one state, renders, plans the difference, applies it.
package struct Reconciler: Sendable {
    /// Stands for everything of a gateway that needs another pod: of connections that select one pod, with an image of
    /// the gateway.
    package typealias InjectionHash = @Sendable (_ connections: [BoundConnection], _ image: String) -> String

    let state: ClusterState
    let server: any APIServer
    let settings: InstallationSettings
    let identity: any ServingIdentity
    let ledger: AcknowledgementLedger
    let injectionHash: InjectionHash
    let metrics: OperatorMetrics
    let logger: Logger
    let now: @Sendable () -> Timestamp
    /// Has a key looked at later.
    let again: @Sendable (ReconcileKey, Duration) -> Void
    /// Told where requests for approval stand; `nil` where nobody is notified.
    var notifier: Notifier?
    /// Told how what ran by a broken glass was reviewed, and what was withdrawn for a gateway that is gone.
    var record: @Sendable (ApprovalRecorded) async -> Void = { _ in }
    private let told = ToldPods()
    private let recorded = RecordedReviews()

    package init(
        state: ClusterState, server: any APIServer, settings: InstallationSettings,
        identity: any ServingIdentity, ledger: AcknowledgementLedger, injectionHash: @escaping InjectionHash,
        metrics: OperatorMetrics, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        again: @escaping @Sendable (ReconcileKey, Duration) -> Void = { _, _ in }
    ) {
        self.state = state
        self.server = server
        self.settings = settings
        self.identity = identity
        self.ledger = ledger
        self.injectionHash = injectionHash
        self.metrics = metrics
        self.logger = logger
        self.now = now
        self.again = again
    }

    /// - Throws: when it has to be tried again.
    package func reconcile(_ key: ReconcileKey) async throws {
        metrics.add(.reconciles)
        do {
            switch key {
            case .connection(let key): try await reconcile(connection: key)
            case .policy(let kind, let key): try await reconcile(policy: key, kind)
            case .approval(let key): try await reconcile(approval: key)
            }
        } catch {
            metrics.add(.reconcileFailures)
            logger.warning("reconcile failed", metadata: ["key": "\(key)", "error": "\(error)"])
            throw error
        }
    }

    // MARK: - Connections

    private struct Situation: Sendable {
        var attachment: Attachment?
        var document: ConfigurationDocument?
        var owned: [APIResource: [APIObject]]
        var counts = PodCounts()
        var conflicts: [String] = []
        var refusals: [String] = []
        /// Selected, and without a gateway by the rules.
        var skipped: [ObservedPod] = []
    }

    private func reconcile(connection key: ObjectKey) async throws {
        let situation = state.withView { view in self.situation(of: key, &view) }
        guard let attachment = situation.attachment else {
            // Gone; so is what it owned, once the garbage is collected, which need not be waited for.
            return try await apply(ObjectChange.plan(observed: situation.owned, desired: .nothing))
        }
        var status = ConnectionStatus(
            attachment, counts: situation.counts, revision: situation.document?.revision,
            conflicts: situation.conflicts, refusals: situation.refusals)
        var failure: (any Error)?
        if let document = situation.document {
            do {
                status.faults = try await render(attachment, document, observed: situation.owned)
            } catch {
                if Self.passesByItself(error) { throw error }
                status.faults = ["\(error)"]
                failure = error
            }
        }
        let connection = attachment.connection
        try await write(
            status.document, of: .connections, connection.key, uid: connection.uid, old: connection.status)
        if let failure { throw failure }
        for pod in told.news(situation.skipped, of: key) {
            guard let obstacle = pod.obstacle else { continue }
            let event = ResourceEvent(
                isWarning: true, reason: "NotGoverned",
                message: "DatabaseConnection \(key.name) selects this pod, which \(obstacle)")
            try await tell(event, of: .pods, pod.key, uid: pod.uid)
            told.add(pod, of: key)
        }
    }

    private func situation(of key: ObjectKey, _ view: inout ClusterView) -> Situation {
        var situation = Situation(owned: view.owned(by: key))
        guard let attachment = view.attachment(of: key) else { return situation }
        situation.attachment = attachment
        guard let bound = attachment.bound else { return situation }
        let connection = bound.connection
        if attachment.obstacles.isEmpty {
            situation.document = view.document(of: [attachment], in: key.namespace)
        }
        let pods = view.pods(in: key.namespace).filter { $0.isSelected(by: connection) }
        let all = view.attachments(in: key.namespace).compactMap(\.bound)
        situation.conflicts = PortConflict.conflicts(of: bound, among: all, in: pods)
        situation.skipped = pods.filter { $0.obstacle != nil }
        var refusals: [String: Int] = [:]
        var hashes = InjectionHashes(injectionHash)
        situation.counts = PodCounts(of: connection, among: pods) { pod in
            hashes.hash(of: view.attachments(of: pod), image: settings.sidecarImage)
        } hasAcknowledged: { pod in
            guard let told = ledger[pod.uid], let revision = view.configuration(of: pod)?.revision,
                told.revision == revision
            else { return false }
            if let fault = told.faults.first { refusals[fault, default: 0] += 1 }
            return told.faults.isEmpty
        }
        situation.refusals = refusals.sorted { $0.key < $1.key }.map { "\($0.value) gateways: \($0.key)" }
        return situation
    }

    /// Whether nobody has to do anything about it, so that it is no part of a status.
    private static func passesByItself(_ error: any Error) -> Bool {
        error is NotYet || (error as? APIError)?.passesByItself ?? false
    }

    /// - Returns: what could not be rendered.
    private func render(
        _ attachment: Attachment, _ document: ConfigurationDocument, observed: [APIResource: [APIObject]]
    ) async throws -> [String] {
        guard let authorities = identity.authorities() else { throw NotYet.noAuthority }
        let desired = DesiredObjects(
            of: attachment, document, authorities: String(decoding: authorities, as: UTF8.self),
            settings: settings)
        try await apply(ObjectChange.plan(observed: observed, desired: desired))
        return desired.faults
    }

    private func apply(_ changes: [ObjectChange]) async throws {
        for change in changes {
            logger.info("writing", metadata: ["change": "\(change.summary)"])
            let response = try await send(try change.request())
            if case .apply(let object) = change, let response { remember(response, object.resource) }
        }
    }

    // MARK: - Policies

    private func reconcile(policy key: ObjectKey, _ kind: ResourceKind) async throws {
        let platform = settings.namespace
        switch kind {
        case .maskingPolicy:
            let found = state.withView { view in
                view.maskingPolicy(key).map { policy in
                    (
                        policy, view.connectionCount(of: kind, key),
                        view.missing(of: policy.targets, in: key.namespace)
                    )
                }
            }
            if let (policy, count, missing) = found {
                let fault = policy.fault(platformNamespace: platform)
                let status = PolicyStatus(
                    generation: policy.generation, fault: fault, connectionCount: count, missing: missing)
                try await write(
                    status.document, of: .maskingPolicies, key, uid: policy.uid, old: policy.status)
            }
        case .approvalRule:
            let found = state.withView { view in
                view.approvalRule(key).map { rule in
                    (
                        rule, view.connectionCount(of: kind, key),
                        view.missing(of: rule.targets, in: key.namespace)
                    )
                }
            }
            if let (rule, count, missing) = found {
                let fault = rule.fault(platformNamespace: platform)
                let status = PolicyStatus(
                    generation: rule.generation, fault: fault, connectionCount: count, missing: missing)
                try await write(status.document, of: .approvalRules, key, uid: rule.uid, old: rule.status)
            }
        case .databaseConnection, .approvalRequest: break
        }
    }

    // MARK: - Approvals

    /// How long a request is kept after its end.
    private static let approvalRetention = Duration.seconds(86_400)

    private func reconcile(approval key: ObjectKey) async throws {
        let found = state.withView { view in
            view.approval(key).map { ($0, view.rule(of: $0.request.spec)) }
        }
        guard let (approval, rule) = found else {
            notifier?.forget(key)
            return
        }
        let now = now()
        let judgement = ApprovalJudgement(
            approval.request.spec, rule: rule, now: now.time, known: approval.phase)
        guard let end = Timestamp(approval.request.spec.expiresAt) else { return }
        // What nobody has reviewed yet stays.
        guard judgement.phase == .overdue || now.microseconds < (end + Self.approvalRetention).microseconds
        else {
            try await send(.delete(.approvalRequests, key, DeleteOptions(uid: approval.uid)))
            return
        }
        notifier?.take(
            ApprovalStanding(
                key, identity: approval.uid, approval.request.spec, judgement, rule?.approval,
                recorded: approval.notifications))
        if approval.phase != judgement.phase,
            let review = ApprovalRecorded(reviewOf: approval.request, judgement),
            recorded.isNew(of: approval.uid, judgement.phase)
        {
            await record(review)
        }
        let brokeGlass = approval.request.spec.breakGlass != nil
        if brokeGlass { try await tell(of: approval, judgement) }
        try await write(
            approval.status(judgement), of: .approvalRequests, key, uid: approval.uid, old: approval.status)
        if brokeGlass { metrics.set(.reviewsOverdue, state.withView { $0.overdueReviewCount }) }
        guard judgement.phase != .overdue else { return }
        // It expires, and goes, without anybody's doing.
        let next = now.microseconds <= end.microseconds ? end : end + Self.approvalRetention
        again(.approval(key), next - now + .seconds(1))
        if judgement.phase == .pending { try await withdrawUnheld(approval, at: now) }
    }

    /// What ran because the glass was broken, and what nobody has looked at since.
    private func tell(of approval: ObservedApproval, _ judgement: ApprovalJudgement) async throws {
        let phase = judgement.phase
        guard !phase.isDecided, approval.phase != phase else { return }
        let spec = approval.request.spec
        let message =
            phase == .overdue
            ? "nobody has reviewed what \(spec.requester.name) ran without approval"
            : "\(spec.requester.name) runs without approval what ApprovalRule \(spec.ruleRef.name) asks about; review "
                + "it until \(spec.expiresAt)"
        let event = ResourceEvent(
            isWarning: true, reason: phase == .overdue ? "ReviewOverdue" : "BrokeGlass", message: message)
        try await tell(event, of: .approvalRequests, approval.key, uid: approval.uid)
    }

    // MARK: - Writing

    private func write(
        _ status: StatusDocument, of kind: WatchedKind, _ key: ObjectKey, uid: String, old: JSON
    ) async throws {
        guard let request = try status.request(kind.resource, key, uid: uid, old: old, at: now()) else {
            return
        }
        // First, since nothing is left to tell once the status says it.
        if let event = status.event(after: old) { try await tell(event, of: kind.resource, key, uid: uid) }
        if let response = try await send(request) { remember(response, kind.resource) }
    }

    /// The API server has an Event once, however often it is sent; one that it refuses for good holds up nothing.
    func tell(
        _ event: ResourceEvent, of resource: APIResource, _ key: ObjectKey, uid: String
    ) async throws {
        do {
            try await send(try event.request(about: resource, key, uid: uid, at: now()))
        } catch let error as APIError where !error.passesByItself {
            logger.warning("event refused", metadata: ["of": "\(key)", "error": "\(error)"])
        }
    }

    /// - Returns: the object as it is now; `nil` when there is nothing to be written to any more, or what was to be
    ///   made is there already.
    @discardableResult
    func send(_ request: APIRequest) async throws -> JSON? {
        metrics.add(.writes)
        do throws(APIError) {
            return try await server.answer(to: request)
        } catch {
            guard case .refused(let failure) = error else { throw error }
            switch failure.kind {
            case .notFound, .alreadyExists: return nil
            // Another object of its name is there by now, of which a watch tells.
            case .conflict where request.method == .delete: return nil
            default: throw error
            }
        }
    }

    /// What was written is known at once, not only once a watch tells of it. An answer that shows what others changed is
    /// left to the watch: its news of that would be none any more, and nobody would look.
    private func remember(_ content: JSON, _ resource: APIResource) {
        guard let kind = WatchedKind.allCases.first(where: { $0.resource == resource }),
            let projected = try? JSON(
                parsing: content.rendered, keeping: kind.projection + .ofIdentity),
            let object = try? APIObject(projected)
        else { return }
        state.withView { view in
            // Of what others write the operator writes the status alone; what is not known is gone by now.
            if !WatchedKind.owned.contains(kind) {
                guard let known = view.object(kind, object.key), known.isSame(as: object, but: "status")
                else { return }
            }
            let scope = view.scope(of: object.key.namespace)
            _ = view.take(.change(.modified(object)), of: kind, scope: scope)
        }
    }
}

/// What has to be there first.
enum NotYet: Error, CustomStringConvertible {
    case noAuthority

    var description: String {
        switch self {
        case .noAuthority: "the operator has no certificate authority yet"
        }
    }
}

extension ObjectChange {
    fileprivate var summary: String {
        switch self {
        case .apply(let object): "apply \(object.resource.kind) \(object.key)"
        case .delete(let resource, let key, _): "delete \(resource.kind) \(key)"
        }
    }
}

extension JSON.Projection {
    /// What an ``APIObject`` needs of its metadata.
    fileprivate static let ofIdentity = JSON.Projection(
        ["name", "namespace", "uid", "resourceVersion"].map { ["metadata", $0] })
}
