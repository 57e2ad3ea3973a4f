/// A statement that waits for approval: written by the operator, decided by approvers.
package struct ApprovalRequest: Resource {
    package static let kind = ResourceKind.approvalRequest
    /// Most decisions of one request.
    package static let maximumDecisions = 64
    /// Most groups of a subject or an approver, and most tables of a statement, that a request tells of.
    package static let maximumNames = 256
    /// Longest reason for what runs without approval, in characters.
    package static let maximumReasonLength = 512

    package var metadata: ObjectMetadata
    package var spec: Spec

    package init(metadata: ObjectMetadata, spec: Spec) {
        self.metadata = metadata
        self.spec = spec
    }

    package init(metadata: ObjectMetadata, readingSpec fields: inout MappingReader) {
        self.init(metadata: metadata, spec: Spec(reading: &fields))
    }

    /// Everything but ``decisions`` is written once.
    package struct Spec: Sendable, Equatable {
        package var ruleRef: RuleReference
        /// A DatabaseConnection of the request's own namespace.
        package var connectionRef: String
        package var requester: Requester
        package var statement: Statement
        /// Distinct people.
        package var requiredApprovals: Int
        /// Most rows the statement may write or return; `nil`: any number.
        package var maximumRows: Int?
        /// `nil` for what is reviewed, and for what waits by an operator that told of none.
        package var grant: Grant?
        /// RFC 3339, in UTC; of what has run by ``breakGlass`` the time by which it is to be reviewed.
        package var expiresAt: String
        /// Why the statement, and others of its session that the rule asks about, ran without approval; `nil` for what
        /// waits.
        package var breakGlass: String?
        /// One an approver, in the order they were made.
        package var decisions: [Decision]

        package init(reading fields: inout MappingReader) {
            ruleRef = fields.object("ruleRef") { RuleReference(reading: &$0) }
            connectionRef = fields.object("connectionRef") { $0.string("name", .objectName) }
            requester = fields.object("requester") { Requester(reading: &$0) }
            statement = fields.object("statement") { Statement(reading: &$0) }
            requiredApprovals = fields.requiredInteger("requiredApprovals", in: 1...16)
            maximumRows = fields.optionalInteger("maximumRows", in: 0...(1 << 50))
            grant = fields.optionalObject("grant") { Grant(reading: &$0) }
            expiresAt = fields.string("expiresAt", .dateTime)
            breakGlass = fields.optionalObject("breakGlass") {
                $0.string("reason", .text(1...maximumReasonLength))
            }
            decisions = fields.objects("decisions", upTo: maximumDecisions) { Decision(reading: &$0) }
            for (index, decision) in decisions.enumerated() {
                let others = decisions[..<index]
                if !decision.id.isEmpty, others.contains(where: { $0.id == decision.id }) {
                    fields.fault(at: "decisions", "holds two decisions with the id \(decision.id)")
                }
                let name = decision.approver.username
                if !name.isEmpty, others.contains(where: { $0.approver.username == name }) {
                    fields.fault(at: "decisions", "holds two decisions of \(name)")
                }
            }
        }
    }

    /// The ApprovalRule that asks; in the request's namespace, or in that of the platform.
    package struct RuleReference: Sendable, Hashable {
        package var namespace: String
        package var name: String

        package init(namespace: String, name: String) {
            self.namespace = namespace
            self.name = name
        }

        package init(reading fields: inout MappingReader) {
            namespace = fields.string("namespace", .label)
            name = fields.string("name", .objectName)
        }
    }

    package struct Requester: Sendable, Equatable {
        package var name: String
        package var groups: [String]
        package var proof: Subject.Proof
        /// The name of the application that acts on behalf of the requester; `nil` where none does.
        package var through: String?
        /// `name=value`, as the requester proved them, sorted.
        package var attributes: [String]

        package init(reading fields: inout MappingReader) {
            name = fields.string("name", .text(1...256))
            groups = fields.strings("groups", .text(1...256), upTo: maximumNames)
            proof = fields.choice("proof", else: .gatewayUser)
            through = fields.optionalString("through", .text(1...256))
            attributes = fields.strings("attributes", .text(1...1024), upTo: maximumNames)
        }
    }

    package struct Statement: Sendable, Equatable {
        /// Of the text as it was sent, hexadecimal.
        package var sha256: String
        /// The effect that the rule is about.
        package var kind: ApprovalRule.StatementKind
        /// `schema.name`.
        package var tables: [String]
        /// Literals are replaced.
        package var redactedText: String

        package init(reading fields: inout MappingReader) {
            sha256 = fields.string("sha256", .digest)
            kind = fields.choice("kind", else: .administer)
            tables = fields.strings("tables", upTo: maximumNames)
            redactedText = fields.string("redactedText", .statementText)
        }
    }

    /// What one approver has said. Approver and time are filled in at admission.
    package struct Decision: Sendable, Equatable {
        package enum Verdict: String, Sendable, CaseIterable {
            case approve = "Approve"
            case deny = "Deny"
        }

        package static let reasonFormat = StringFormat.text(0...1024)

        /// Chosen by whoever adds the decision; unique in the request.
        package var id: String
        package var verdict: Verdict
        package var reason: String
        package var approver: Approver
        /// RFC 3339, in UTC.
        package var time: String

        package init(id: String, verdict: Verdict, reason: String, approver: Approver, time: String) {
            self.id = id
            self.verdict = verdict
            self.reason = reason
            self.approver = approver
            self.time = time
        }

        package init(reading fields: inout MappingReader) {
            id = fields.string("id", .label)
            verdict = fields.choice("verdict", else: .deny)
            reason = fields.string("reason", Self.reasonFormat, default: "")
            approver = fields.object("approver") { Approver(reading: &$0) }
            time = fields.string("time", .dateTime)
        }
    }

    /// As the API server knows a person.
    package struct Approver: Sendable, Equatable {
        package var username: String
        package var groups: [String]

        package init(username: String, groups: [String]) {
            self.username = username
            self.groups = groups
        }

        package init(reading fields: inout MappingReader) {
            username = fields.string("username", .text(1...256))
            groups = fields.strings("groups", .text(1...256), upTo: maximumNames)
        }
    }
}
