package import Logging
import Synchronization

/// What was logged, from level `info` on.
package final class CapturedLog: Sendable {
    private struct Entry {
        /// With the level before it.
        let message: String
        /// The metadata by name.
        let facts: String

        var line: String { message + facts }
    }

    private let kept = Mutex<[Entry]>([])

    package init() {}

    /// The level and the message of each.
    package var messages: [String] { kept.withLock { $0.map(\.message) } }

    /// The level, the message and the metadata of each.
    package var lines: [String] { kept.withLock { $0.map(\.line) } }

    package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// The lines since the last call.
    package func take() -> [String] {
        kept.withLock { entries in
            defer { entries = [] }
            return entries.map(\.line)
        }
    }

    /// Messages of this level.
    package func count(_ level: Logger.Level) -> Int { messages.count { $0.hasPrefix("\(level) ") } }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        init(log: CapturedLog) {
            self.log = log
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            let entry = Entry(message: "\(event.level) \(event.message)", facts: facts.joined())
            log.kept.withLock { $0.append(entry) }
        }
    }
}
