package import API

/// Somebody an application acts on behalf of, as proven by a token or grant of theirs.
final class Person {
    let subject: Subject
    let evidence: IdentityEvidence
    /// When what proves it expires, in microseconds since 1970.
    let expiry: Int64
    /// The environment's count of occasions to look again when the driver last said that the identity holds.
    var checked: UInt64
    /// Why it holds no more.
    var end: IdentityEnd?

    init(_ subject: Subject, _ evidence: IdentityEvidence, expiry: Int64, checked: UInt64) {
        self.subject = subject
        self.evidence = evidence
        self.expiry = expiry
        self.checked = checked
    }
}

/// What the driver says of a token.
package enum TokenVerdict: Sendable, Equatable {
    /// It holds for so many microseconds from now on.
    case accepted(Subject, IdentityEvidence, lifetime: Int64)
    /// Why it proves nothing; holds nothing of the token.
    case refused(String)
}
