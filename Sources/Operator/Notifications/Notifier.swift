import Kubernetes
import Logging
import NIOCore
import Synchronization

/// Tells webhooks what becomes of requests for approval, beside all that decides about them: whoever comes with news leaves it
/// here and goes on.
///
/// A notification is delivered at least once: one that was delivered and not recorded, as when the operator dies in between,
/// is sent again after the restart, with the same ``Notice/delivery``.
final class Notifier: Sendable {
    private struct State {
        var ledger = NotificationLedger()
        var queue = NotificationQueue()
    }

    private let ground: any NotificationGround
    private let client: WebhookClient
    private let link: ApprovalsLink?
    private let namesNamespace: Bool
    private let metrics: OperatorMetrics
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    private let state = Mutex(State())
    /// Requests whose records are to be kept.
    private let records = ReconcileQueue<ObjectKey>()
    private let start = ContinuousClock.now
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(
        ground: any NotificationGround, on loop: any EventLoop, link: ApprovalsLink?, namesNamespace: Bool,
        metrics: OperatorMetrics, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.ground = ground
        client = WebhookClient(loop: loop)
        self.link = link
        self.namesNamespace = namesNamespace
        self.metrics = metrics
        self.logger = logger
        self.now = now
        (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    private var elapsed: Duration { start.duration(to: .now) }

    // MARK: - News

    /// Where a request stands; it may be told over and over.
    func take(_ standing: ApprovalStanding) {
        let now = now()
        queue(state.withLock { $0.ledger.take(standing, at: now) })
    }

    /// A request is gone.
    func forget(_ key: ObjectKey) {
        let now = now()
        queue(state.withLock { $0.ledger.forget(key, at: now) })
    }

    /// Where all requests stand; those that are not among them are gone.
    func take(all standings: [ApprovalStanding]) {
        let keys = Set(standings.map(\.key))
        for key in state.withLock(\.ledger.keys) where !keys.contains(key) { forget(key) }
        for standing in standings { take(standing) }
    }

    private func queue(_ notices: [Notice]) {
        guard !notices.isEmpty else { return }
        let elapsed = elapsed
        for notice in notices where state.withLock({ $0.queue.add(notice, at: elapsed) }) == .full {
            metrics.add(.notificationsDropped)
            logger.warning(
                "too many notifications wait; one is left out", metadata: Self.metadata(of: notice))
        }
        waker.yield()
    }

    // MARK: - Delivering

    /// Until the task is cancelled; one call at a time.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in await records.run { try await self.keep($0) } }
            group.addTask { [self] in await deliver() }
        }
    }

    private func deliver() async {
        await withDiscardingTaskGroup { group in
            var timer: Task<Void, Never>?
            waker.yield()
            for await _ in wakes {
                let elapsed = elapsed
                while !Task.isCancelled, let notice = state.withLock({ $0.queue.next(at: elapsed) }) {
                    group.addTask { [self] in await deliver(notice) }
                }
                timer?.cancel()
                timer = state.withLock(\.queue.nextDue).map { due in
                    Task { [waker] in
                        try? await Task.sleep(for: due - elapsed)
                        if !Task.isCancelled { waker.yield() }
                    }
                }
            }
            timer?.cancel()
        }
    }

    private func deliver(_ notice: Notice) async {
        let outcome = await attempt(notice)
        guard !Task.isCancelled else { return }
        await report(outcome, of: notice)
        let (elapsed, chance, now) = (elapsed, Double.random(in: 0...1), now())
        let endings = state.withLock { state in
            let endings = state.queue.finished(
                notice.webhook.address, outcome, at: elapsed, chance: chance)
            for ending in endings { Self.record(ending, in: &state.ledger, at: now) }
            return endings
        }
        waker.yield()
        for ending in endings { await report(ending) }
    }

    private func attempt(_ notice: Notice) async -> DeliveryOutcome {
        let secret: WebhookSecret
        do throws(WebhookFault) {
            secret = try WebhookSecret(
                try await ground.contents(of: notice.webhook.address), at: notice.webhook.address)
        } catch {
            return .failed(.secret(error), after: nil)
        }
        let payload = NotificationPayload(notice: notice, link: link, namesNamespace: namesNamespace)
        let body = payload.json.rendered
        let signature = WebhookSignature.value(of: body, key: secret.key, at: now().microseconds / 1_000_000)
        let headers = [
            ("Content-Type", "application/json"), ("User-Agent", "weir-operator"),
            (WebhookSignature.header, signature), (WebhookSignature.deliveryHeader, notice.delivery),
        ]
        return await client.post(body, headers, to: secret)
    }

    private static func record(
        _ ending: NotificationQueue.Ending, in ledger: inout NotificationLedger, at now: Timestamp
    ) {
        switch ending {
        case .delivered(let notice): ledger.record(notice, .delivered, at: now)
        case .failed(let notice, _): ledger.record(notice, .failed, at: now)
        }
    }

    private func keep(_ key: ObjectKey) async throws {
        guard let standing = state.withLock({ $0.ledger.standing(key) }) else { return }
        try await ground.keep(standing.recorded, of: key, identity: standing.identity)
    }

    // MARK: - Saying what became of them

    private func report(_ outcome: DeliveryOutcome, of notice: Notice) async {
        guard case .failed(let fault, _) = outcome else { return }
        metrics.add(.notificationsRetried)
        logger.info(
            "notification not delivered; it is tried again", metadata: Self.metadata(of: notice, fault))
        if case .secret = fault { await ground.tell(fault, of: notice) }
    }

    private func report(_ ending: NotificationQueue.Ending) async {
        switch ending {
        case .delivered(let notice):
            metrics.add(.notificationsDelivered)
            logger.info("notification delivered", metadata: Self.metadata(of: notice))
            records.add([notice.standing.key])
        case .failed(let notice, let fault):
            metrics.add(.notificationsFailed)
            logger.warning("notification given up", metadata: Self.metadata(of: notice, fault))
            records.add([notice.standing.key])
            await ground.tell(fault, of: notice)
        }
    }

    private static func metadata(of notice: Notice, _ fault: DeliveryFault? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "request": "\(notice.standing.key)", "event": "\(notice.event.name)",
            "webhook": "\(notice.webhook.address.namespace)/\(notice.webhook.address.name)",
            "delivery": "\(notice.delivery)",
        ]
        metadata["fault"] = fault.map { "\($0)" }
        return metadata
    }
}
