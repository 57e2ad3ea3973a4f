import Synchronization

/// What would be recorded of identities.
final class PlayedRecord: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock(\.self) }

    func take(_ line: String) { recorded.withLock { $0.append(line) } }
}
