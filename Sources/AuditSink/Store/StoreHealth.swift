import Synchronization

/// Whether the store takes what is sent, by what came of it last; may be asked without waiting for the store.
package final class StoreHealth: Sendable {
    /// Time after a failure in which only what is sent is tried: longer than gateways wait between two attempts.
    package static let trialDelay = Duration.seconds(10)

    private let failedAt = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    package var isFailing: Bool { failedAt.withLock { $0 != nil } }

    /// Whether it has failed, and nothing that was sent since tells whether it still would.
    package func isTrialDue(at now: ContinuousClock.Instant = .now) -> Bool {
        failedAt.withLock { failedAt in failedAt.map { now - $0 >= Self.trialDelay } ?? false }
    }

    func succeed() { failedAt.withLock { $0 = nil } }

    func fail(at now: ContinuousClock.Instant = .now) { failedAt.withLock { $0 = now } }
}
