import Synchronization

/// The last word of each gateway, by the uid of its pod: an ``AcknowledgementLog`` that is shared.
package final class AcknowledgementLedger: Sendable {
    private let log = Mutex(AcknowledgementLog())
    private let start = ContinuousClock.now

    package init() {}

    private var now: Duration { start.duration(to: .now) }

    package subscript(uid: String) -> Acknowledgement? { log.withLock { $0[uid] } }

    /// A gateway has said so to this replica.
    /// - Returns: whether that is news.
    package func hear(_ acknowledgement: Acknowledgement, of pod: PodIdentity) -> Bool {
        log.withLock { $0.hear(acknowledgement, of: pod, at: now) }
    }

    /// Gateways have said so to another replica.
    /// - Returns: the pods of which that is news.
    package func learn(_ reports: [AcknowledgementReport]) -> [PodIdentity] {
        log.withLock { log in reports.filter { log.learn($0, at: now) }.map(\.pod) }
    }

    /// What was heard here since the number, and the number to ask with next.
    func reports(after number: UInt64) -> (reports: [AcknowledgementReport], number: UInt64) {
        log.withLock { log in
            guard log.lastNumber > number else { return ([], number) }
            return (log.reports(after: number, at: now), log.lastNumber)
        }
    }

    /// The pod is gone.
    func forget(_ uid: String) { log.withLock { $0.forget(uid) } }

    var pods: [PodIdentity] { log.withLock { $0.pods } }
}
