import API

/// How long one session may last and be idle, in microseconds; each moment it can be over is a deadline.
///
/// It costs nothing while statements run: the driver asks for the next deadline when the last one has passed.
struct SessionLimits {
    /// How long a transaction may go on beyond the session's maximum duration. Ours.
    static let grace: Int64 = 60_000_000

    /// What the server would say, and the log's reason.
    enum End: Equatable {
        case idle
        case idleInTransaction
        case maximumDuration
    }

    /// When the session could be used first.
    let began: Int64
    /// When the server was last ready for a statement.
    var readySince: Int64
    /// The session has lasted its time, and ends outside of a transaction.
    private(set) var isOver = false

    init(began: Int64) {
        self.began = began
        readySince = began
    }

    /// - Returns: why the session ends at `now`; `nil` while it goes on. `isIdle`: no statement is under way.
    mutating func end(
        at now: Int64, isIdle: Bool, inTransaction: Bool, under limits: DatabaseConnection.Session
    ) -> End? {
        if let maximum = limits.maximumDuration?.microseconds {
            isOver = now - began >= maximum
            if isOver, isIdle && !inTransaction || now - began >= maximum + Self.grace {
                return .maximumDuration
            }
        } else {
            isOver = false
        }
        guard isIdle else { return nil }
        let idle = now - readySince
        if inTransaction {
            return limits.idleInTransactionTimeout.map { idle >= $0.microseconds } ?? false
                ? .idleInTransaction : nil
        }
        return limits.idleTimeout.map { idle >= $0.microseconds } ?? false ? .idle : nil
    }

    /// When to look again; `nil` without limits. While a statement runs, idleness has not begun.
    func deadline(
        after now: Int64, isIdle: Bool, inTransaction: Bool, under limits: DatabaseConnection.Session
    ) -> Int64? {
        var deadlines: [Int64] = []
        if let maximum = limits.maximumDuration?.microseconds {
            deadlines.append(began + maximum + (now - began >= maximum ? Self.grace : 0))
        }
        if let idle = limits.idleTimeout?.microseconds {
            deadlines.append((isIdle && !inTransaction ? readySince : now) + idle)
        }
        if let idle = limits.idleInTransactionTimeout?.microseconds {
            deadlines.append((isIdle && inTransaction ? readySince : now) + idle)
        }
        return deadlines.min()
    }
}

extension Duration {
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
