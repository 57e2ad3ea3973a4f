import Logging
import Synchronization

/// Tells of failures that requests bring about, however many requests there are; see ``FailureTally``.
final class FailureLog: Sendable {
    private let logger: Logger
    private let tally = Mutex(FailureTally())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// `kind` is what is told once a minute.
    func tell(
        _ message: Logger.Message, kind: String, _ facts: Logger.Metadata, at level: Logger.Level = .warning
    ) {
        guard let count = tally.withLock({ $0.note(kind, at: .now) }) else { return }
        var facts = facts
        if count > 1 { facts["times"] = "\(count)" }
        logger.log(level: level, message, metadata: facts)
    }
}
