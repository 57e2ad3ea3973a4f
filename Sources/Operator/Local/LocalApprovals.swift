import API
import Cryptography
import Kubernetes
import Synchronization

/// Requests for approval without a cluster: each a file, decided by people who prove themselves to the operator.
final class LocalApprovals: Sendable {
    /// Most requests kept before those are forgotten that are over. Ours: twice as many as may wait.
    static let keptLimit = 2 * ApprovalLimit.inAll

    /// Why somebody is told no.
    enum Fault: Error, Equatable {
        case unknownRule
        case unknownRequest
        /// See ``ApprovalLimit``.
        case tooMany(String)
        /// A request of the question's name is about something else, or was used.
        case isAnother
        /// The gateway has another version of it; it asks again.
        case otherRule
        /// It was decided already, or has expired.
        case isOver(ApprovalJudgement.Phase)
        case decided
        case notCounted(String)
        /// What is to be kept could not be read at the next start.
        case unreadable(String)
        case notKept
    }

    /// A file that holds no request: what was decided is not forgotten without a word.
    struct Unreadable: Error, Equatable, CustomStringConvertible {
        var file: String
        var reason: String

        var description: String {
            "\(file): \(reason); mend it, or move it away: its request is forgotten then, with all decisions"
        }
    }

    struct State {
        /// Counts how often anything became another.
        private(set) var changeCount = 0
        var requests: [String: KeptRequest] = [:] {
            didSet { changeCount += 1 }
        }
        var rules: [ApprovalRequest.RuleReference: ApprovalRule.Spec] = [:] {
            didSet { changeCount += 1 }
        }
    }

    let state = Mutex(State())
    private let folder: LocalFolder
    private let keptLimit: Int
    let now: @Sendable () -> Timestamp
    /// Told of requests that stand elsewhere now.
    private let changed: @Sendable () -> Void
    /// The people who are known, with their groups.
    let people: @Sendable () -> [String: [String]]

    /// - Throws: when the folder cannot be read, or a file in it.
    init(
        folder: LocalFolder, keptLimit: Int = LocalApprovals.keptLimit,
        now: @escaping @Sendable () -> Timestamp,
        people: @escaping @Sendable () -> [String: [String]], changed: @escaping @Sendable () -> Void
    ) throws {
        self.folder = folder
        self.keptLimit = keptLimit
        self.now = now
        self.people = people
        self.changed = changed
        for name in try LocalFolder.names(in: folder.path) {
            let kept = try Self.request(in: "\(folder.path)/\(name)")
            state.withLock { $0.requests[name] = kept }
        }
    }

    private static func request(in file: String) throws(Unreadable) -> KeptRequest {
        guard let bytes = LocalFolder.read(file), let document = try? JSON(parsing: bytes) else {
            throw Unreadable(file: file, reason: "cannot be read, or is no JSON")
        }
        do throws(ManifestFaults) { return try KeptRequest(document) } catch {
            throw Unreadable(file: file, reason: error.brief)
        }
    }

    /// The rules in force.
    func use(_ rules: [ApprovalRule]) {
        state.withLock { state in
            state.rules = [:]
            for rule in rules {
                let reference = ApprovalRequest.RuleReference(
                    namespace: rule.metadata.namespace, name: rule.metadata.name)
                state.rules[reference] = rule.spec
            }
        }
        changed()
    }

    /// What the decisions amount to now: who approved has to be among the approvers still. A denial stays.
    func judge(
        _ kept: KeptRequest, _ rule: ApprovalRule.Spec?, _ now: String, people: [String: [String]]? = nil
    ) -> ApprovalJudgement {
        guard !kept.request.spec.decisions.isEmpty else {
            return ApprovalJudgement(kept.request.spec, rule: rule, now: now, known: kept.phase)
        }
        var request = kept.request.spec
        let people = people ?? self.people()
        request.decisions = request.decisions.compactMap { decision in
            guard decision.verdict == .approve else { return decision }
            guard let groups = people[decision.approver.username] else { return nil }
            var decision = decision
            decision.approver.groups = groups
            return decision
        }
        return ApprovalJudgement(request, rule: rule, now: now, known: kept.phase)
    }

    // MARK: - Gateways

    /// Where the question stands; a new one is kept first.
    func ask(_ question: ApprovalQuestion, by gateway: String) throws(Fault) -> ApprovalAnswer {
        let now = now()
        let (namespace, id) = (question.rule.namespace, question.id)
        return try state.withLock { state throws(Fault) in
            guard let rule = state.rules[question.rule], let approval = rule.approval else {
                throw .unknownRule
            }
            guard question.isAsked(by: rule) else { throw .otherRule }
            if let name = earlier(question, rule, by: gateway, in: state, now),
                var kept = state.requests[name]
            {
                let judgement = judge(kept, rule, now.time)
                if question.whileWaiting == .reject, judgement.mayRun {
                    kept.isUsed = true
                    kept.document["status", "used"] = true
                    try keep(kept, in: &state)
                }
                return ApprovalAnswer(to: id, of: kept.request, judgement, rule: rule)
            }
            guard state.requests[id] == nil else { throw .isAnother }
            if question.breakGlass == nil,
                let fault = ApprovalLimit.fault(
                    for: question.requester.subject.name, beside: waitingRequesters(in: state, now))
            {
                throw .tooMany(fault)
            }
            if state.requests.count >= keptLimit { forgetOldest(in: &state, now) }
            let end = now + approval.term(of: question)
            let document = ApprovalRequest.document(
                of: question, namespace: namespace, by: gateway, rule: rule, until: end.time)
            try keep(try readable(document), in: &state)
            return ApprovalAnswer(
                id: id, request: id, state: question.breakGlass == nil ? .pending : .approved)
        }
    }

    /// Who asks for what waits for a decision, one name a statement.
    private func waitingRequesters(in state: State, _ now: Timestamp) -> [String] {
        let people = people()
        return state.requests.values.compactMap { kept in
            guard kept.request.spec.breakGlass == nil, !kept.isUsed, !kept.isExpired(at: now) else {
                return nil
            }
            let rule = state.rules[kept.request.spec.ruleRef]
            guard !judge(kept, rule, now.time, people: people).phase.isDecided else { return nil }
            return kept.request.spec.requester.name
        }
    }

    /// Makes room for a quarter of all: of what was used, denied or has expired the oldest goes first. What was denied goes
    /// last, as it may be asked about again then; what is to be decided, reviewed or used yet stays.
    private func forgetOldest(in state: inout State, _ now: Timestamp) {
        let people = people()
        var over: [(isDenied: Bool, end: String, name: String)] = []
        for (name, kept) in state.requests {
            let (spec, isExpired) = (kept.request.spec, kept.isExpired(at: now))
            let phase = judge(kept, state.rules[spec.ruleRef], now.time, people: people).phase
            let isDenied = phase == .denied && !kept.isUsed && !isExpired
            let isOver =
                spec.breakGlass == nil
                ? kept.isUsed || isExpired || isDenied : isExpired && phase.isDecided
            if isOver { over.append((isDenied, spec.expiresAt, name)) }
        }
        over.sort { ($0.isDenied ? 1 : 0, $0.end) < ($1.isDenied ? 1 : 0, $1.end) }
        for (_, _, name) in over.prefix(state.requests.count - keptLimit * 3 / 4) {
            state.requests[name] = nil
            folder.remove(name)
        }
    }

    /// The request that the question was asked by before, or one about the same that has not been used.
    private func earlier(
        _ question: ApprovalQuestion, _ rule: ApprovalRule.Spec, by gateway: String, in state: State,
        _ now: Timestamp
    ) -> String? {
        let own = state.requests[question.id]
        if let own, own.gateway == gateway, !own.isUsed, own.request.spec.isAbout(question) {
            return question.id
        }
        guard question.whileWaiting == .reject else { return nil }
        return state.requests.first { _, kept in
            kept.comesAgain && !kept.isUsed && kept.request.spec.isAbout(question)
                && !kept.isExpired(at: now) && !kept.request.spec.hasLapsed(by: rule, at: now)
        }?.key
    }

    /// Nobody waits for it any more.
    func withdraw(_ id: String, by gateway: String) {
        state.withLock { state in
            guard let kept = state.requests[id], kept.isAwaited(by: gateway) else { return }
            state.requests[id] = nil
            folder.remove(id)
        }
    }

    /// Where each request of a gateway's stands.
    func answers(for gateway: String) -> [ApprovalAnswer] {
        let (now, people) = (now().time, people())
        return state.withLock { state in
            var answers: [ApprovalAnswer] = []
            for kept in state.requests.values where kept.isAwaited(by: gateway) {
                let rule = state.rules[kept.request.spec.ruleRef]
                let judgement = judge(kept, rule, now, people: people)
                answers.append(
                    ApprovalAnswer(to: kept.request.metadata.name, of: kept.request, judgement, rule: rule))
            }
            return answers
        }
    }

    // MARK: - People

    /// Every request with its status, oldest first.
    func all() -> [JSON] {
        let (now, people) = (now().time, people())
        let requests = state.withLock { state in
            var told: [(end: String, document: JSON)] = []
            for kept in state.requests.values {
                let rule = state.rules[kept.request.spec.ruleRef]
                let judgement = judge(kept, rule, now, people: people)
                told.append((kept.request.spec.expiresAt, kept.told(judgement)))
            }
            return told
        }
        return requests.sorted { $0.end < $1.end }.map(\.document)
    }

    func request(_ name: String) -> JSON? {
        all().first { $0["metadata", "name"]?.string == name }
    }

    /// Adds a decision that counts.
    /// - Returns: the request with it, and what is to be recorded of a review that is over.
    func decide(
        _ name: String, _ verdict: ApprovalRequest.Decision.Verdict, reason: String,
        by approver: ApprovalRequest.Approver
    ) throws(Fault) -> (told: JSON, review: ApprovalRecorded?) {
        let now = now()
        let told = try state.withLock { state throws(Fault) in
            guard var kept = state.requests[name] else { throw .unknownRequest }
            let rule = state.rules[kept.request.spec.ruleRef]
            let before = judge(kept, rule, now.time)
            guard !before.phase.isDecided else { throw .isOver(before.phase) }
            let decisions = kept.request.spec.decisions
            guard !decisions.contains(where: { $0.approver.username == approver.username }) else {
                throw .decided
            }
            let decision = ApprovalRequest.Decision(
                id: "decision-\(decisions.count + 1)", verdict: verdict, reason: reason, approver: approver,
                time: now.time)
            if let fault = ApprovalJudgement.fault(of: decision, kept.request.spec, rule) {
                throw .notCounted(fault)
            }
            kept.request.spec.decisions.append(decision)
            kept.document["spec", "decisions"] = .array(kept.request.spec.decisions.map(\.document))
            kept = try readable(kept.document)
            let judgement = judge(kept, rule, now.time)
            if kept.request.spec.breakGlass != nil, judgement.phase.isDecided {
                kept.document["status", "phase"] = .string(judgement.phase.rawValue)
            }
            try keep(kept, in: &state)
            return (kept.told(judgement), ApprovalRecorded(reviewOf: kept.request, judgement))
        }
        changed()
        return told
    }

    private func readable(_ document: JSON) throws(Fault) -> KeptRequest {
        do throws(ManifestFaults) { return try KeptRequest(document) } catch {
            throw .unreadable(error.brief)
        }
    }

    func keep(_ kept: KeptRequest, in state: inout State) throws(Fault) {
        guard folder.write(kept.request.metadata.name, kept.document.rendered) else { throw .notKept }
        state.requests[kept.request.metadata.name] = kept
    }
}
