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
    /// Statements of our own around one whose rows are counted.
    case ceiling(Execution)
    /// `CopyDone` or `CopyFail` of the client: answered by nothing, but it tells which `Sync`s a COPY swallows.
    case copyEnd
    case sync
    case functionCall(Execution)
    /// Our own questions; the answers are not the client's.
    case lookup
    /// A message that must fail, often one that stands in for the client's; its error may be replaced.
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

    var undo: Undo? {
        switch self {
        case .parse(let undo), .bind(let undo), .close(let undo): undo
        default: nil
        }
    }

    func with(_ undo: Undo) -> Self {
        switch self {
        case .parse: .parse(undo)
        case .bind: .bind(undo)
        case .close: .close(undo)
        default: self
        }
    }
}

/// A refusal the client has not been told of yet.
final class PendingRefusal {
    /// What the client is told; `nil`: what the server says itself.
    var diagnosis: Diagnosis?
    /// Answered by `ReadyForQuery` too, as a simple query is.
    let isSimple: Bool
    /// The server is asked to parse the statement first.
    let isProbed: Bool
    /// It has parsed it: the error to come is the one that stands in for the statement.
    var isKnownToDatabase = false
    var hasFailed = false

    init(_ diagnosis: Diagnosis?, isSimple: Bool, isProbed: Bool = false) {
        self.diagnosis = diagnosis
        self.isSimple = isSimple
        self.isProbed = isProbed
    }

    /// A `Sync` of ours follows it.
    var isSynced: Bool { isSimple && isProbed }
}

/// The answers outstanding, oldest first.
struct ExpectedQueue {
    private(set) var entries: [Expected] = []
    private(set) var head = 0
    /// Of the entries, those that change what a name means.
    private(set) var changeCount = 0

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

    var endsWithSync: Bool {
        if case .sync? = entries[head...].last { true } else { false }
    }

    mutating func append(_ entry: Expected) {
        if entry.undo != nil { changeCount += 1 }
        entries.append(entry)
    }

    mutating func replace(at index: Int, by undo: Expected.Undo) {
        entries[index] = entries[index].with(undo)
    }

    mutating func removeFirst() {
        if entries[head].undo != nil { changeCount -= 1 }
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
            if case .refusal(let refusal) = entry, refusal.isSynced { break }
            removed.append(entry)
            removeFirst()
        }
        return removed
    }

    /// Removes the client's end of the COPY now starting, and the `Sync`s before it: the server reads and ignores
    /// them.
    /// - Returns: whether the client has ended it already.
    mutating func removeEndOfCopy() -> Bool {
        var kept: [Expected] = []
        var isCopying = true
        for entry in entries[head...] {
            switch entry {
            case .copyEnd where isCopying: isCopying = false
            case .sync where isCopying: continue
            default: kept.append(entry)
            }
        }
        entries = kept
        head = 0
        return !isCopying
    }
}
