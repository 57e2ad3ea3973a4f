/// Who asks for an approval: a session's subject, or the person it acts on behalf of.
package struct ApprovalRequester: Sendable, Hashable {
    package var subject: Subject
    /// The name of the session's subject that acts for somebody else; empty where nobody does.
    package var through: String

    package init(_ subject: Subject, through: String = "") {
        self.subject = subject
        self.through = through
    }
}
