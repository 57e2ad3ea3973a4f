package import API

/// Who somebody is that showed a token or a grant, and by what that was proven.
package struct VerifiedIdentity: Sendable, Equatable {
    package var subject: Subject
    package var evidence: IdentityEvidence

    package init(subject: Subject, evidence: IdentityEvidence) {
        self.subject = subject
        self.evidence = evidence
    }
}
