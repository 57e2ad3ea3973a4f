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

    // MARK: - What has succeeded

    /// The message that may have waited for answers has been dealt with.
    func personIsDone() {
        if person != nil || representation.isInUse { person = representation.current }
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
