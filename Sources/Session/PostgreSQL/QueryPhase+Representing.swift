import API
import StatementAnalysis
import WireProtocols

/// What texts give to the setting by which others are acted for, and whom their statements act for.
extension QueryPhase {
    /// A value that a prepared statement gives to the setting.
    struct Assignment {
        enum Value {
            case change(Representation.Change.Value)
            case parameter(Int)
        }

        /// The parameter that has to name the setting; `nil` where the statement does.
        var nameParameter: Int?
        var value: Value
        var isLocal: StatementFacts.AssignedSetting.Locality
        /// The statement does nothing else.
        var isAlone: Bool
    }

    // MARK: - A text

    /// Replaces the tokens in a text.
    /// - Returns: the text to be sent on, `nil` where it stays, and what each statement assigns.
    func resolve(
        _ plan: Plan, _ text: Span<UInt8>
    ) -> Answer<(text: [UInt8]?, assignments: [[Assignment]])> {
        guard plan.refusal == nil || !plan.statements.isEmpty else { return .known((nil, [])) }
        let bytes = text.copy(0..<text.count)
        guard settings.reading(of: text) == .asItIs,
            !(areSettingsUncertain && Self.dependsOnSettings(text))
        else { return .refused(.onBehalfOfUnclear) }
        var names: [Int: String] = [:]
        var assignments: [[Assignment]] = []
        for statement in plan.statements {
            var own: [Assignment] = []
            for setting in statement.facts.assignedSettings {
                switch assignment(setting, isAlone: statement.facts.onlyAssignsSettings, &names) {
                case .waits: return .waits
                case .refused(let diagnosis): return .refused(diagnosis)
                case .known(let assignment): if let assignment { own.append(assignment) }
                }
            }
            assignments.append(own)
        }
        guard let rest = OnBehalfOf.text(bytes, replacing: names.mapValues { _ in "" }),
            !OnBehalfOf.mayHoldToken(rest)
        else { return .refused(.onBehalfOfUnclear) }
        return .known((names.isEmpty ? nil : OnBehalfOf.text(bytes, replacing: names), assignments))
    }

    /// `names` gets those whom constants name, by their place in the text.
    private func assignment(
        _ setting: StatementFacts.AssignedSetting, isAlone: Bool, _ names: inout [Int: String]
    ) -> Answer<Assignment?> {
        var nameParameter: Int?
        switch setting.name {
        case .constant(OnBehalfOf.setting):
            guard isAlone, setting.isLocal != .unknown else { return .refused(.onBehalfOfUnclear) }
        case .constant: return .known(nil)
        case .parameter(let number): nameParameter = number
        }
        let value: Assignment.Value
        switch setting.value {
        case .reset: value = .change(.initial)
        case .parameter(let number): value = .parameter(number)
        case .unknown: return nameParameter == nil ? .refused(.onBehalfOfUnclear) : .known(nil)
        case .constant where nameParameter != nil: return .known(nil)
        case .constant(let token, let position):
            switch person(by: Array(token.utf8)) {
            case .waits: return .waits
            case .refused(let diagnosis): return .refused(diagnosis)
            case .known(let person):
                value = .change(.person(person))
                if let person { names[position] = person.subject.name }
            }
        }
        return .known(
            Assignment(
                nameParameter: nameParameter, value: value, isLocal: setting.isLocal, isAlone: isAlone))
    }

    // MARK: - A query string

    /// A query string as it is sent on, judged for those its statements act for.
    struct Represented {
        var plan: Plan
        var text: [UInt8]?
        /// By the statement that makes them.
        var changes: [[Representation.Change]]
    }

    /// - Returns: `nil` when the message waits and comes again.
    func represented(_ plan: Plan, _ text: Span<UInt8>) -> Represented? {
        var written: [UInt8]?
        var changes: [[Representation.Change]] = []
        if plan.concernsPersons {
            switch resolve(plan, text) {
            case .waits: return nil
            case .refused(let diagnosis): return refusing(diagnosis)
            case .known(let resolved):
                written = resolved.text
                changes = resolved.assignments.map { $0.compactMap(\.change) }
            }
        }
        guard plan.refusal == nil || !plan.statements.isEmpty else {
            return Represented(plan: plan, text: nil, changes: [])
        }
        switch people(of: plan, changes) {
        case .waits: return nil
        case .refused(let diagnosis): return refusing(diagnosis, text: written)
        case .known(let acting): person = acting
        }
        let judged: Plan? =
            if let written { judge(written.span, in: currentScope()) } else {
                judge(text, in: currentScope())
            }
        return judged.map { Represented(plan: $0, text: written, changes: changes) }
    }

    private func refusing(_ diagnosis: Diagnosis, text: [UInt8]? = nil) -> Represented {
        let plan = Plan(key: [], unreadable: diagnosis)
        plan.withholdsText = text == nil
        return Represented(plan: plan, text: text, changes: [])
    }

    /// Whom the statements of a string act for, who must be one and the same, and must still prove to be.
    func people(of plan: Plan, _ changes: [[Representation.Change]]) -> Answer<Person?> {
        guard plan.isFollowed, !representation.isLost else { return .refused(.notFollowed) }
        var state = representation
        var acting: Person??
        for (index, statement) in plan.statements.enumerated() {
            let facts = statement.facts
            if !facts.concernsSessionAlone || facts.sessionChanges.contains(.commit) {
                // What is committed was done for them.
                if let person = state.current, case let answer = holds(person), !answer.isKnown {
                    return answer.failure()
                }
            }
            if !facts.concernsSessionAlone {
                guard acting.map({ $0 === state.current }) ?? true else { return .refused(.severalPersons) }
                acting = .some(state.current)
            }
            for change in index < changes.count ? changes[index] : [] { state.apply(change) }
            state.follow(facts.sessionChanges)
        }
        return .known(acting ?? state.current ?? representation.current)
    }
}

extension QueryPhase.Assignment {
    /// Where no parameter is needed to tell it.
    fileprivate var change: Representation.Change? {
        guard nameParameter == nil, case .change(let value) = value, case .constant(let isLocal) = isLocal
        else { return nil }
        return Representation.Change(value: value, isLocal: isLocal)
    }
}

extension StatementFacts {
    /// It reads and writes nothing, and changes the session at most: for whom it does so makes no difference.
    var concernsSessionAlone: Bool {
        switch command {
        case .transaction, .set, .reset, .discard, .show: true
        default: onlyAssignsSettings
        }
    }
}

extension Representation {
    mutating func follow(_ changes: [StatementFacts.SessionChange]) {
        for change in changes {
            switch change {
            case .resetAll, .discardAll: apply(Change(value: .initial, isLocal: false))
            case .commit: commit()
            case .rollback: rollBack()
            case .savepoint(let name): savepoint(name)
            case .releaseSavepoint(let name): release(name)
            case .rollbackToSavepoint(let name): rollBack(to: name)
            case .set, .role, .begin, .catalogue, .declareCursor, .closeCursor, .prepare, .deallocate: break
            }
        }
    }
}
