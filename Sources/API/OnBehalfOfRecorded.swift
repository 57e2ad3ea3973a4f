/// An application has shown a token to act on behalf of somebody.
package struct OnBehalfOfRecorded: Sendable, Equatable {
    /// Of the statement it was shown with; 0 where it was shown at start-up.
    package var number: UInt64
    /// Whom it proved; `nil` where it was refused.
    package var subject: Subject?
    package var evidence: IdentityEvidence?
    /// Why it was refused; empty otherwise.
    package var reason: String

    package init(
        number: UInt64 = 0, subject: Subject? = nil, evidence: IdentityEvidence? = nil, reason: String = ""
    ) {
        self.number = number
        self.subject = subject
        self.evidence = evidence
        self.reason = reason
    }
}
