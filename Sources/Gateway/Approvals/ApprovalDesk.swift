import API

/// The questions that sessions wait to have answered by people.
///
/// It belongs to the sessions' event loop; what the operator is to be told leaves it by ``notices``.
final class ApprovalDesk {
    /// What the operator is to be told.
    enum Notice: Sendable, Equatable {
        case ask(ApprovalQuestion)
        case withdraw(id: String)
    }

    /// Most statements held at once by one gateway. Ours.
    static let limit = 4096

    /// In the order they were given; without an operator nobody reads them.
    let notices: AsyncStream<Notice>
    private let notice: AsyncStream<Notice>.Continuation
    private let hasOperator: Bool
    private var waiting: [String: (question: ApprovalQuestion, answer: (ApprovalAnswer) -> Void)] = [:]
    /// What runs without waiting, and the operator does not know of yet.
    private var reports: Set<String> = []

    init(hasOperator: Bool) {
        self.hasOperator = hasOperator
        (notices, notice) = AsyncStream.makeStream(of: Notice.self)
    }

    /// Asks; `answer` is called for every answer, never before this returns. What runs by a broken glass is told to the
    /// operator as soon as it can be, and nobody answers.
    /// - Returns: `nil`, or why nobody can be asked.
    func ask(_ question: ApprovalQuestion, answer: @escaping (ApprovalAnswer) -> Void) -> String? {
        guard hasOperator else { return "the gateway has no operator by whom people could be asked" }
        guard waiting.count + reports.count < Self.limit else {
            return "too many statements wait for approval"
        }
        if question.breakGlass == nil {
            waiting[question.id] = (question, answer)
        } else {
            reports.insert(question.id)
        }
        notice.yield(.ask(question))
        return nil
    }

    func withdraw(_ id: String) {
        guard waiting.removeValue(forKey: id) != nil else { return }
        notice.yield(.withdraw(id: id))
    }

    /// Asks everything anew: the operator may be another, or have forgotten.
    func askAgain() {
        for (question, _) in waiting.values { notice.yield(.ask(question)) }
    }

    func answered(_ answer: ApprovalAnswer) {
        reports.remove(answer.id)
        guard let (question, tell) = waiting[answer.id] else { return }
        if answer.state != .pending || question.whileWaiting == .reject { waiting[answer.id] = nil }
        tell(answer)
    }
}
