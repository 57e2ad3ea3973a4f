import API
import Masking
import Policy
import StatementAnalysis
import WireProtocols

/// Whom the session acts on behalf of (G16): tokens are judged by the driver, and the database gets names in their place.
extension QueryPhase {
    /// What is known of the tokens in the message that is being judged.
    struct Verifications {
        enum Outcome {
            case person(Person)
            case refused(String)
        }

        var outcomes: [[UInt8]: Outcome] = [:]
        /// The driver is being asked about it.
        var token: [UInt8]?
        var checked: Person?
    }

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

    enum Answer<Value> {
        /// The message waits and comes again.
        case waits
        case refused(Diagnosis)
        case known(Value)
    }

    // MARK: - Who may, and for how long

    /// Tokens are taken where log-ins take them: over TLS, or on this machine.
    var mayRepresent: Bool {
        isPrivate && environment.connection.spec.identity.onBehalfOf.allowed.names(subject)
    }

    func person(by token: [UInt8]) -> Answer<Person?> {
        guard !token.isEmpty else { return .known(nil) }
        guard mayRepresent else { return .refused(.mayNotRepresent) }
        switch verifications.outcomes[token] {
        case .person(let person):
            return canWrite(person.subject.name) ? .known(person) : .refused(.nameNotWritable)
        case .refused(let reason): return .refused(.tokenRefused(reason))
        case nil:
            pause = .identity
            verifications.token = token
            output.requests.append(.verifyPerson(token: token))
            return .waits
        }
    }

    /// Whether the client's encoding has the name as the gateway would write it.
    private func canWrite(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 != 0 && ($0 < 0x80 || settings.clientEncoding.kind == .utf8) }
    }

    func tokenJudged(_ verdict: TokenVerdict) {
        guard let token = verifications.token else { return }
        verifications.token = nil
        pause = nil
        switch verdict {
        case .accepted(let subject, let evidence, let lifetime):
            let person = Person(
                subject, evidence, expiry: now + lifetime, checked: environment.identityOccasions)
            verifications.outcomes[token] = .person(person)
            record(person)
        case .refused(let reason):
            verifications.outcomes[token] = .refused(reason)
            output.records.append(
                AuditEvent(
                    session: id,
                    body: .onBehalfOf(OnBehalfOfRecorded(number: statementCount + 1, reason: reason))))
        }
        processClient()
    }

    /// Once for each token that follows another.
    private func record(_ person: Person) {
        guard lastRecorded?.subject != person.subject || lastRecorded?.evidence != person.evidence else {
            return
        }
        lastRecorded = person
        let recorded = OnBehalfOfRecorded(
            number: statementCount + 1, subject: person.subject, evidence: person.evidence)
        output.records.append(AuditEvent(session: id, body: .onBehalfOf(recorded)))
    }

    /// Whether a person may still be acted for.
    func holds(_ person: Person) -> Answer<Void> {
        guard mayRepresent else { return .refused(.mayNotRepresent) }
        if person.end == nil, now >= person.expiry { person.end = .expired }
        if let end = person.end { return .refused(.personEnded(end)) }
        guard person.checked == environment.identityOccasions else {
            pause = .identity
            verifications.checked = person
            output.requests.append(.checkPerson(person.subject, person.evidence))
            return .waits
        }
        return .known(())
    }

    func personChecked(_ end: IdentityEnd?) {
        guard let person = verifications.checked else { return }
        verifications.checked = nil
        pause = nil
        person.checked = environment.identityOccasions
        person.end = end
        processClient()
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

    /// - Parameter names: of whom constants name, by their place in the text.
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
    private func people(of plan: Plan, _ changes: [[Representation.Change]]) -> Answer<Person?> {
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

    // MARK: - A portal

    /// What a portal's statement will assign, with the parameters of its `Bind`.
    /// - Returns: also the parameters to be sent on in place of tokens, by their index.
    func changes(
        by prepared: Prepared, _ bind: Bind, _ body: Span<UInt8>
    ) -> Answer<(changes: [Representation.Change], names: [Int: [UInt8]])> {
        var changes: [Representation.Change] = []
        var names: [Int: [UInt8]] = [:]
        func value(_ number: Int) -> [UInt8]?? {
            guard number > 0, number <= bind.parameters.count else { return nil }
            return .some(bind.parameters[number - 1].map { body.copy($0) })
        }
        for assignment in prepared.assignments {
            if let parameter = assignment.nameParameter {
                guard let name = value(parameter) ?? nil,
                    String(decoding: name, as: UTF8.self).lowercased() == OnBehalfOf.setting
                else { continue }
                guard assignment.isAlone else { return .refused(.onBehalfOfUnclear) }
            }
            var change = Representation.Change(value: .initial, isLocal: true)
            switch assignment.isLocal {
            case .constant(let isLocal): change.isLocal = isLocal
            case .unknown: return .refused(.onBehalfOfUnclear)
            case .parameter(let number):
                guard let flag = (value(number) ?? nil).flatMap(Self.flag) else {
                    return .refused(.onBehalfOfUnclear)
                }
                change.isLocal = flag
            }
            switch assignment.value {
            case .change(let value): change.value = value
            case .parameter(let number):
                guard let token = value(number) else { continue }  // the server says that it is missing
                guard let token else { break }
                switch person(by: token) {
                case .waits: return .waits
                case .refused(let diagnosis): return .refused(diagnosis)
                case .known(let person):
                    change.value = .person(person)
                    if let person { names[number - 1] = Array(person.subject.name.utf8) }
                }
            }
            changes.append(change)
        }
        return .known((changes, names))
    }

    /// A truth value in either format, as drivers write it.
    private static func flag(_ value: [UInt8]) -> Bool? {
        switch String(decoding: value, as: UTF8.self) {
        case "t", "true", "TRUE", "on", "1", "\u{1}": true
        case "f", "false", "FALSE", "off", "0", "\0": false
        default: nil
        }
    }

    /// Sets ``person`` for the statement of a portal that is to run.
    func act(by portal: Portal) -> Answer<Void> {
        guard representation.isInUse || !portal.changes.isEmpty else { return .known(()) }
        guard let plan = judge(portal.prepared, in: scope(under: portal.context)) else { return .waits }
        switch people(of: plan, [portal.changes]) {
        case .waits: return .waits
        case .refused(let diagnosis): return .refused(diagnosis)
        case .known(let acting):
            person = acting
            return .known(())
        }
    }

    // MARK: - What has succeeded

    /// The message that may have waited for answers has been dealt with.
    func personIsDone() {
        if person !== representation.current { person = representation.current }
        if !verifications.outcomes.isEmpty { verifications.outcomes.removeAll() }
    }

    func apply(_ changes: [Representation.Change]) {
        for change in changes { representation.apply(change) }
        person = representation.current
    }
}

extension QueryPhase.Answer {
    var isKnown: Bool { if case .known = self { true } else { false } }

    /// The same of another value, where none is known.
    func failure<Other>() -> QueryPhase.Answer<Other> {
        switch self {
        case .waits: .waits
        case .refused(let diagnosis): .refused(diagnosis)
        case .known: preconditionFailure("nothing has failed")
        }
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
