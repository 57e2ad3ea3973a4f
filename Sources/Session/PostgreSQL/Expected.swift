import WireProtocols

/// What the server owes for one message forwarded to it, in the order it will answer.
enum Expected {
    /// `Query`: results of its statements up to `ReadyForQuery`.
    case query(Execution)
    case parse(Undo)
    case bind(Undo)
    case close(Undo)
    case describe(Described, isInjected: Bool)
    case execute(Execution)
    /// `CopyDone` or `CopyFail` of the client: answered by nothing, but it tells which `Sync`s a COPY swallows.
    case copyEnd
    case sync
    case functionCall(Execution)
    /// Our own questions; the answers are not the client's.
    case lookup
    /// A message that must fail stands in for the refused one; its error is replaced by the diagnosis.
    case refusal(PendingRefusal)

    enum Described {
        case statement(Prepared?)
        case portal(Portal?)
    }

    /// How to take back what a `Parse`, `Bind` or `Close` was assumed to do, should it fail.
    enum Undo {
        case statement(name: [UInt8], previous: Prepared?)
        case portal(name: [UInt8], previous: Portal?)
    }
}

/// A refusal the client has not been told of yet.
final class PendingRefusal {
    var diagnosis: Diagnosis
    /// Ended by a `Sync` of ours, as a simple query is.
    let isSimple: Bool
    /// The server is asked to parse the statement first.
    let isProbed: Bool
    /// It has parsed it: the error to come is the one that stands in for the statement.
    var isKnownToDatabase = false

    init(_ diagnosis: Diagnosis, isSimple: Bool, isProbed: Bool) {
        self.diagnosis = diagnosis
        self.isSimple = isSimple
        self.isProbed = isProbed
    }
}

/// The answers outstanding, oldest first.
struct ExpectedQueue {
    private var entries: [Expected] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }
    var count: Int { entries.count - head }
    var first: Expected? { head < entries.count ? entries[head] : nil }

    /// The statement whose results are due.
    var execution: Execution? {
        switch first {
        case .query(let execution), .execute(let execution), .functionCall(let execution): execution
        default: nil
        }
    }

    /// The last statement under way.
    var holder: Execution? {
        for entry in entries[head...].reversed() {
            switch entry {
            case .query(let execution), .execute(let execution): return execution
            default: continue
            }
        }
        return nil
    }

    var hasCopyEnd: Bool {
        entries[head...].contains { entry in
            if case .copyEnd = entry { true } else { false }
        }
    }

    var endsWithSync: Bool {
        if case .sync? = entries[head...].last { true } else { false }
    }

    mutating func append(_ entry: Expected) {
        entries.append(entry)
    }

    mutating func removeFirst() {
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Removes and returns what an error makes the server skip: everything before the next `Sync`, the client's
    /// or one of ours.
    mutating func removeUntilSync() -> [Expected] {
        var removed: [Expected] = []
        while let entry = first {
            if case .sync = entry { break }
            if case .refusal(let refusal) = entry, refusal.isSimple { break }
            removed.append(entry)
            removeFirst()
        }
        return removed
    }

    /// Removes the `Sync`s that the server reads, and ignores, before the client ends the COPY now starting.
    mutating func removeSyncsOfCopy() {
        var kept: [Expected] = []
        var isCopying = true
        for entry in entries[head...] {
            switch entry {
            case .copyEnd: isCopying = false
            case .sync where isCopying: continue
            default: break
            }
            kept.append(entry)
        }
        entries = kept
        head = 0
    }
}
