import API
import Policy
import WireProtocols

/// Whom a session acts on behalf of from its first statement on, as its client asks at start-up.
extension PostgreSQLSession {
    var isPrivate: Bool { origin.handshake.isLocal || clientTLS != nil }

    /// Takes the token out of the start-up parameters, and has it judged.
    /// - Returns: whether the session has to wait for the answer, or has been refused.
    func askPerson() -> Bool {
        guard var startup, let subject else { return false }
        var token: [UInt8]?
        for index in startup.parameters.indices.reversed() {
            let parameter = startup.parameters[index]
            if OnBehalfOf.isSetting(parameter.name) {
                token = token ?? parameter.value
                startup.parameters.remove(at: index)
            } else if parameter.name.elementsEqual("options".utf8),
                var options = StartupOptions(parameter.value)
            {
                token = token ?? options.removeOnBehalfOf()
                guard !options.namesOnBehalfOf else {
                    refuse(Diagnosis.onBehalfOfInOptions.fields(.fatal))
                    return true
                }
                startup.parameters[index].value = options.bytes
            }
        }
        guard let token else { return false }
        self.startup = startup
        guard !token.isEmpty else { return false }
        guard isPrivate, environment.connection.spec.identity.onBehalfOf.allowed.names(subject) else {
            refuse(Diagnosis.mayNotRepresent.fields(.fatal))
            return true
        }
        output.requests.append(.verifyPerson(token: token))
        return true
    }

    /// The answer to ``SessionRequest/verifyPerson(token:)``.
    package func tokenJudged(_ verdict: TokenVerdict, at now: Int64) {
        if explain({ queries -> Bool? in
            queries.now = now
            queries.tokenJudged(verdict)
            return true
        }) != nil {
            return
        }
        guard !hasEnded else { return }
        switch verdict {
        case .refused(let reason): refuse(Diagnosis.tokenRefused(reason).fields(.fatal))
        case .accepted(let subject, let evidence, let lifetime):
            person = Person(
                subject, evidence, expiry: now + lifetime, checked: environment.identityOccasions)
            // The database has the name as it would have any other setting of the client's.
            startup?.parameters.append(
                StartupMessage.Parameter(
                    name: Array(OnBehalfOf.setting.utf8), value: Array(subject.name.utf8)))
            searchServer()
        }
    }

    /// The answer to ``SessionRequest/checkPerson(_:_:)``: why the identity holds no more, `nil` when it does.
    package func personChecked(_ end: IdentityEnd?, at now: Int64) {
        _ = explain { queries -> Bool? in
            queries.now = now
            queries.personChecked(end)
            return true
        }
    }
}
