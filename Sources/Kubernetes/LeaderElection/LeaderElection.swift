/// Decides who leads among processes that see the same Lease.
///
///     read ──held by another, who shows life──> wait ──> read
///      └──nobody, or no sign of life for as long as the lease lasts, by our own clock──> write
///     written ──> lead ──> renew ... until a renewal is missed, another holds the lease, or we are to end
///
/// Signs of life are judged by when they were seen here, never by what a wall clock wrote: clocks jump and
/// differ. `now` is of a clock that does not jump, since any moment.
package struct LeaderElection: ~Copyable {
    package enum Event: Sendable, Equatable {
        case begun
        case found(JSON)
        case notFound
        case written(JSON)
        case failed(APIError)
        case waited
        /// The process is to end.
        case terminated
    }

    package enum Action: Sendable, Equatable {
        /// Requests are given up after their time limit.
        case read(ObjectKey, timeLimit: Duration)
        case create(JSON, timeLimit: Duration)
        case update(JSON, timeLimit: Duration)
        case wait(Duration)
        case lead
        /// Everything a leader does must have ended when this is done.
        case stopLeading
        /// There is nothing more to do; a process that led cannot lead again.
        case end
    }

    package struct Timing: Sendable, Equatable {
        /// How long others wait for a sign of life.
        package var lease = Duration.seconds(15)
        /// How long the leader goes on without having been able to give one.
        package var renewal = Duration.seconds(10)
        /// Between attempts.
        package var retry = Duration.seconds(2)

        package init() {}
    }

    private let identity: String
    private let key: ObjectKey
    private let timing: Timing
    private var phase = Phase.idle
    /// The last record seen, and when it was first seen.
    private var observed: (record: JSON?, at: Duration)?

    /// `identity` is of this process and no other, also not of one before it.
    package init(identity: String, lease key: ObjectKey, timing: Timing = Timing()) {
        precondition(!identity.isEmpty)
        self.identity = identity
        self.key = key
        self.timing = timing
    }

    private enum Phase {
        case idle
        case reading
        case waiting
        case acquiring(since: Duration)
        case leading(Lease, renewedAt: Duration)
        case renewing(Lease, renewedAt: Duration, since: Duration)
        /// A renewal met another version: who wrote it?
        case checking(Lease, renewedAt: Duration)
        case releasing
        case ended
    }

    package mutating func receive(
        _ event: Event, at now: Duration, wallTime: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch phase {
        case .ended: return []
        case .releasing:
            phase = .ended
            return [.end]
        case .idle, .reading, .waiting, .acquiring:
            if event == .terminated {
                phase = .ended
                return [.end]
            }
            return follow(event, at: now, wallTime: wallTime, using: &generator)
        case .leading(let lease, let renewedAt):
            switch event {
            case .waited: return renew(lease, renewedAt: renewedAt, at: now, wallTime: wallTime)
            case .terminated: return release(lease, wallTime: wallTime)
            case .begun, .found, .notFound, .written, .failed: return []
            }
        case .renewing(let lease, let renewedAt, let since):
            switch event {
            case .written(let content):
                // Others may have seen it when it was sent.
                return lead(with: Lease(content), renewedAt: since, at: now)
            case .failed(.refused(let failure)) where failure.kind == .conflict || failure.kind == .notFound:
                guard now - renewedAt < timing.renewal else { return stop() }
                phase = .checking(lease, renewedAt: renewedAt)
                return [.read(key, timeLimit: timeLimit(renewedAt: renewedAt, at: now))]
            case .failed: return lead(with: lease, renewedAt: renewedAt, at: now)
            case .terminated: return release(lease, wallTime: wallTime)
            case .begun, .found, .notFound, .waited: return []
            }
        case .checking(let lease, let renewedAt):
            switch event {
            case .found(let content):
                let found = Lease(content)
                // Somebody may have labelled it.
                return found.holder == identity ? lead(with: found, renewedAt: renewedAt, at: now) : stop()
            case .notFound: return stop()
            case .failed: return lead(with: lease, renewedAt: renewedAt, at: now)
            case .terminated: return release(lease, wallTime: wallTime)
            case .begun, .written, .waited: return []
            }
        }
    }

    // MARK: - Following

    private mutating func follow(
        _ event: Event, at now: Duration, wallTime: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch event {
        case .begun, .waited:
            phase = .reading
            return [.read(key, timeLimit: timing.renewal / 2)]
        case .found(let content):
            let lease = Lease(content)
            if observed == nil || observed?.record != lease.record { observed = (lease.record, now) }
            let lastSign = observed?.at ?? now
            let isFree =
                lease.holder.isEmpty || lease.holder == identity
                || now - lastSign >= lease.duration(default: timing.lease)
            return isFree ? acquire(lease, at: now, wallTime: wallTime) : wait(using: &generator)
        case .notFound: return acquire(nil, at: now, wallTime: wallTime)
        case .written(let content):
            guard case .acquiring(let since) = phase else { return [] }
            return [.lead] + lead(with: Lease(content), renewedAt: since, at: now)
        case .failed: return wait(using: &generator)
        case .terminated: return []
        }
    }

    private mutating func acquire(_ lease: Lease?, at now: Duration, wallTime: Timestamp) -> [Action] {
        phase = .acquiring(since: now)
        var taken = lease ?? Lease(named: key)
        taken.take(for: identity, at: wallTime, duration: timing.lease)
        let limit = timing.renewal / 2
        return [
            lease == nil ? .create(taken.content, timeLimit: limit) : .update(taken.content, timeLimit: limit)
        ]
    }

    private mutating func wait(using generator: inout some RandomNumberGenerator) -> [Action] {
        phase = .waiting
        return [.wait(timing.retry * Double.random(in: 1..<1.2, using: &generator))]
    }

    // MARK: - Leading

    private mutating func lead(with lease: Lease, renewedAt: Duration, at now: Duration) -> [Action] {
        let rest = renewedAt + timing.renewal - now
        guard rest > .zero else { return stop() }
        phase = .leading(lease, renewedAt: renewedAt)
        return [.wait(min(timing.retry, rest))]
    }

    private mutating func renew(
        _ lease: Lease, renewedAt: Duration, at now: Duration, wallTime: Timestamp
    ) -> [Action] {
        guard now - renewedAt < timing.renewal else { return stop() }
        phase = .renewing(lease, renewedAt: renewedAt, since: now)
        var renewed = lease
        renewed.take(for: identity, at: wallTime, duration: timing.lease)
        return [.update(renewed.content, timeLimit: timeLimit(renewedAt: renewedAt, at: now))]
    }

    private func timeLimit(renewedAt: Duration, at now: Duration) -> Duration {
        min(timing.renewal / 2, renewedAt + timing.renewal - now)
    }

    private mutating func stop() -> [Action] {
        phase = .ended
        return [.stopLeading, .end]
    }

    private mutating func release(_ lease: Lease, wallTime: Timestamp) -> [Action] {
        phase = .releasing
        var released = lease
        released.release(at: wallTime)
        return [.stopLeading, .update(released.content, timeLimit: timing.retry)]
    }
}
