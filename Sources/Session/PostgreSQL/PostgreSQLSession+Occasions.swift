package import API
import WireProtocols

/// What happens to a session besides what its client and its server say.
extension PostgreSQLSession {
    /// Where a question stands that ``SessionRequest/askApproval(_:)`` has asked.
    package func approvalAnswered(_ answer: ApprovalAnswer, at now: Int64) {
        guard let queries else { return }
        exchangeOutput {
            queries.now = now
            queries.approvalAnswered(answer)
        }
    }

    /// The client asks to cancel its statement.
    /// - Returns: `false` when that is the server's to do.
    package func cancelHeld(at now: Int64) -> Bool {
        guard let queries else { return false }
        var isHeld = false
        exchangeOutput {
            queries.now = now
            isHeld = queries.cancelHeld()
        }
        return isHeld
    }

    /// The next moment a limit on the session's time may end it; `nil` without one.
    package func deadline(after now: Int64) -> Int64? { queries?.deadline(after: now) }

    /// The moment that ``deadline(after:)`` told has come.
    package func timePassed(at now: Int64) {
        guard let queries else { return }
        exchangeOutput { queries.timePassed(at: now) }
    }

    /// The gateway is stopping: the client is told as a server that shuts down tells it.
    package func shutDown() {
        if let queries {
            exchangeOutput { queries.fail(.shutDown, reason: "gateway shut down") }
        } else {
            refuse(Diagnosis.shutDown.fields(.fatal))
        }
    }

    /// What proved the client's identity holds no more: nothing of the session goes on. A client that has not proven it
    /// yet is told so once it has.
    package func identityEnded(_ end: IdentityEnd) {
        if let queries {
            exchangeOutput { queries.fail(.identityEnded(end), reason: end.rawValue) }
        } else if !isProven {
            refusal = Diagnosis.identityEnded(end).fields(.fatal)
        } else {
            refuse(Diagnosis.identityEnded(end).fields(.fatal))
        }
    }
}
