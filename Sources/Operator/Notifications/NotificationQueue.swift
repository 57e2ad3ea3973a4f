/// Which notification goes to which webhook, and when.
///
///     add ──> waits in its webhook's lane ──next──> under way ──delivered, refused──> over
///                       ^                               │
///                       └── after a while that doubles ─┴─ failed: up to so often, and so long
///
/// A webhook gets one at a time, in the order they came; one that does not answer holds up no other. Of a request the last
/// event is told: what was not delivered before is replaced. Times are of a clock that does not jump, since any moment.
struct NotificationQueue: Sendable {
    /// Most notifications that wait, of all webhooks. Ours.
    static let limit = 4096
    /// Most that are under way at once. Ours.
    static let concurrency = 8
    /// Most attempts to deliver one. Ours.
    static let attemptLimit = 40
    /// After which one that cannot be delivered is given up. Ours.
    static let lifetime = Duration.seconds(3600)
    /// After the first failure of a webhook; it doubles with each.
    static let firstDelay = Duration.seconds(1)
    static let longestDelay = Duration.seconds(60)
    /// Longest that a webhook's `Retry-After` is heeded.
    static let longestRetryAfter = Duration.seconds(600)

    private struct Waiting {
        var notice: Notice
        var since: Duration
        var attempts = 0

        func isOver(at now: Duration) -> Bool { attempts >= attemptLimit || now - since >= lifetime }
    }

    /// Of one webhook.
    private struct Lane {
        /// While one is under way it is the first.
        var waiting: [Waiting] = []
        var isUnderWay = false
        /// In a row.
        var failures = 0
        var due = Duration.zero
    }

    private var lanes: [WebhookReference: Lane] = [:]
    private(set) var count = 0

    enum Admission: Sendable, Equatable {
        case queued
        /// It waits already, or is under way.
        case known
        /// Too many wait.
        case full
    }

    enum Ending: Sendable, Equatable {
        case delivered(Notice)
        case failed(Notice, DeliveryFault)
    }

    mutating func add(_ notice: Notice, at now: Duration) -> Admission {
        let address = notice.webhook.address
        var lane = lanes[address] ?? Lane(due: now)
        if let index = lane.waiting.lastIndex(where: { $0.notice.isAboutSame(as: notice) }) {
            guard lane.waiting[index].notice.event != notice.event else { return .known }
            if index > 0 || !lane.isUnderWay {
                lane.waiting[index] = Waiting(notice: notice, since: now)
                lanes[address] = lane
                return .queued
            }
        }
        guard count < Self.limit else { return .full }
        lane.waiting.append(Waiting(notice: notice, since: now))
        lanes[address] = lane
        count += 1
        return .queued
    }

    /// One to deliver, which is then under way until ``finished(_:_:at:chance:)``.
    mutating func next(at now: Duration) -> Notice? {
        guard isFree else { return nil }
        let ready = lanes.filter { !$0.value.isUnderWay && $0.value.due <= now }
        let first = ready.compactMap(\.value.waiting.first).min { $0.since < $1.since }
        guard let notice = first?.notice else { return nil }
        lanes[notice.webhook.address]?.isUnderWay = true
        return notice
    }

    /// When ``next(at:)`` may have more; `nil` for not before something is added or finished.
    var nextDue: Duration? { isFree ? lanes.values.filter { !$0.isUnderWay }.map(\.due).min() : nil }

    private var isFree: Bool { lanes.values.count(where: \.isUnderWay) < Self.concurrency }

    /// What became of the attempt to deliver the webhook's first; `chance` is from 0 to 1, so that those that failed together
    /// do not return together.
    /// - Returns: what is over with by it.
    mutating func finished(
        _ address: WebhookReference, _ outcome: DeliveryOutcome, at now: Duration, chance: Double
    ) -> [Ending] {
        guard var lane = lanes[address], lane.isUnderWay else { return [] }
        lane.isUnderWay = false
        let before = lane.waiting.count
        var endings: [Ending] = []
        switch outcome {
        case .delivered:
            endings = [.delivered(lane.waiting.removeFirst().notice)]
            (lane.failures, lane.due) = (0, now)
        case .refused(let fault):
            endings = [.failed(lane.waiting.removeFirst().notice, fault)]
            (lane.failures, lane.due) = (0, now)
        case .failed(let fault, let retryAfter):
            lane.waiting[0].attempts += 1
            let delay = Self.delay(after: lane.failures) * (0.75 + chance / 2)
            lane.failures += 1
            lane.due = now + max(delay, min(retryAfter ?? .zero, Self.longestRetryAfter))
            let isReplaced = lane.waiting.dropFirst().contains {
                $0.notice.isAboutSame(as: lane.waiting[0].notice)
            }
            if isReplaced { lane.waiting.removeFirst() }
            endings = lane.waiting.filter { $0.isOver(at: now) }.map { .failed($0.notice, fault) }
            lane.waiting.removeAll { $0.isOver(at: now) }
        }
        count -= before - lane.waiting.count
        lanes[address] = lane.waiting.isEmpty ? nil : lane
        return endings
    }

    private static func delay(after failures: Int) -> Duration {
        min(firstDelay * (1 << min(failures, 20)), longestDelay)
    }
}
