import API
import Audit

/// What the log has taken no record of yet, the oldest first: what was done is not forgotten since the log was full.
struct WaitingEvents {
    /// Events that wait at most. Ours.
    static let limit = 1000

    private var events: [AuditEvent] = []

    /// Records those that wait, in their order. One that no log would take is given up.
    /// - Throws: what `append` throws, after as many as it takes.
    mutating func record(
        by append: (AuditEvent) throws(RecorderError) -> Void
    ) throws(RecorderError) {
        while let event = events.first {
            do throws(RecorderError) { try append(event) } catch {
                guard error == .recordTooLong else { throw error }
            }
            events.removeFirst()
        }
    }

    /// - Returns: whether there was room for it.
    mutating func keep(_ event: AuditEvent) -> Bool {
        guard events.count < Self.limit else { return false }
        events.append(event)
        return true
    }
}
