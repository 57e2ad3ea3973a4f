import API

/// What the operator is still to be told, each thing once: what is new before what could not be told yet.
struct ApprovalQueue {
    typealias Notice = ApprovalDesk.Notice

    /// Most withdrawals that wait; the request of one that is dropped ends by its own time. Ours.
    static let withdrawalLimit = ApprovalDesk.limit

    private var notices: [String: Notice] = [:]
    /// The ids of all notices, the next of either kind first.
    private var new: [String] = []
    private var postponed: [String] = []
    private var withdrawalCount = 0

    /// A withdrawal takes the place of its question, and is new.
    mutating func add(_ notice: Notice) {
        let isNew = !put(notice)
        if notice.isWithdrawal, let index = postponed.firstIndex(of: notice.id) {
            postponed.remove(at: index)
            new.append(notice.id)
        } else if isNew {
            new.append(notice.id)
        }
        if withdrawalCount > Self.withdrawalLimit { dropWithdrawal() }
    }

    /// Removes what is to be tried now, and says whether it was tried before.
    mutating func next() -> (notice: Notice, isRepeated: Bool)? {
        let isRepeated = new.isEmpty
        guard !isRepeated || !postponed.isEmpty else { return nil }
        let id = isRepeated ? postponed.removeFirst() : new.removeFirst()
        return take(id).map { ($0, isRepeated) }
    }

    /// It is tried again after all others, unless something else is to be told of it by now.
    mutating func postpone(_ notice: Notice) {
        guard notices[notice.id] == nil else { return }
        _ = put(notice)
        postponed.append(notice.id)
    }

    private mutating func dropWithdrawal() {
        let oldest = (postponed + new).first { notices[$0]?.isWithdrawal == true }
        guard let oldest else { return }
        _ = take(oldest)
        postponed.removeAll { $0 == oldest }
        new.removeAll { $0 == oldest }
    }

    /// - Returns: whether there was something to be told of it.
    private mutating func put(_ notice: Notice) -> Bool {
        let earlier = take(notice.id)
        notices[notice.id] = notice
        if notice.isWithdrawal { withdrawalCount += 1 }
        return earlier != nil
    }

    private mutating func take(_ id: String) -> Notice? {
        let notice = notices.removeValue(forKey: id)
        if notice?.isWithdrawal == true { withdrawalCount -= 1 }
        return notice
    }
}

extension ApprovalDesk.Notice {
    /// The question's.
    fileprivate var id: String {
        switch self {
        case .ask(let question): question.id
        case .withdraw(let id): id
        }
    }

    fileprivate var isWithdrawal: Bool {
        if case .withdraw = self { true } else { false }
    }
}
