/// Which statements on the connections it targets are refused, or wait for a person.
package struct ApprovalRule: Resource {
    package static let kind = ResourceKind.approvalRule
    /// Highest value of `priority`.
    package static let maximumPriority = 1000
    /// Most webhooks that are told of one rule's requests.
    package static let maximumWebhooks = 8

    package var metadata: ObjectMetadata
    package var spec: Spec

    package init(metadata: ObjectMetadata, spec: Spec) {
        self.metadata = metadata
        self.spec = spec
    }

    package init(metadata: ObjectMetadata, readingSpec fields: inout MappingReader) {
        self.init(metadata: metadata, spec: Spec(reading: &fields))
    }

    package struct Spec: Sendable, Equatable {
        /// Of two rules with the same effect the one of the higher priority is named.
        package var priority: Int
        package var mode: PolicyMode
        package var targets: PolicyTargets
        /// Empty: everyone.
        package var subjects: SubjectSelector
        package var match: Match
        package var effect: Effect
        /// Set when ``effect`` is to ask.
        package var approval: Approval?
        package var grant: Grant
        package var whileWaiting: WhileWaiting

        package init(reading fields: inout MappingReader) {
            priority = fields.integer("priority", in: 0...maximumPriority, default: 500)
            mode = fields.choice("mode", default: .enforce)
            targets = fields.object("targets") { PolicyTargets(reading: &$0) }
            subjects = fields.defaultedObject("subjects") { SubjectSelector(reading: &$0) }
            match = fields.object("match") { Match(reading: &$0) }
            effect = fields.choice("effect", else: .deny)
            approval = fields.optionalObject("approval") { Approval(reading: &$0) }
            grant = fields.defaultedObject("grant") { Grant(reading: &$0) }
            whileWaiting = fields.choice("whileWaiting", default: .block)
            if effect == .requireApproval, !fields.has("approval") {
                fields.fault(at: "approval", "is missing: effect RequireApproval must say whose")
            }
        }
    }

    package enum Effect: String, Sendable, CaseIterable {
        case deny = "Deny"
        case requireApproval = "RequireApproval"
    }

    package enum WhileWaiting: String, Sendable, CaseIterable {
        /// The statement waits on its live connection.
        case block = "Block"
        /// The statement is refused, and passes once when retried after approval.
        case reject = "Reject"
    }

    /// Who decides, and how long they have.
    package struct Approval: Sendable, Equatable {
        /// Distinct people.
        package var required: Int
        package var allowSelfApproval: Bool
        package var approvers: SubjectSelector
        package var requestTTL: Duration
        package var requireReason: Bool
        package var notify: [Notification]
        /// What is approved runs only within one of these hours; empty: at any time.
        package var windows: [TimeWindow]
        /// Who need not wait; `nil`: everybody waits.
        package var breakGlass: BreakGlass?

        package init(reading fields: inout MappingReader) {
            required = fields.integer("required", in: 1...16, default: 1)
            allowSelfApproval = fields.boolean("allowSelfApproval", default: false)
            approvers = fields.object("approvers") {
                SubjectSelector(users: $0.strings("users"), groups: $0.strings("groups"))
            }
            requestTTL = fields.duration(
                "requestTTL", in: .seconds(10)...(.seconds(7 * 86_400)), default: .seconds(1800))
            requireReason = fields.boolean("requireReason", default: false)
            notify = fields.objects("notify", upTo: maximumWebhooks) { Notification(reading: &$0) }
            windows = fields.strings("windows", .timeWindow).compactMap { try? TimeWindow($0) }
            breakGlass = fields.optionalObject("breakGlass") { BreakGlass(reading: &$0) }
            if approvers.isEmpty, fields.has("approvers") {
                fields.fault(at: "approvers", "names nobody, so nothing could be approved")
            }
        }
    }

    /// Who runs, in an emergency, what was not approved, and answers for it afterwards.
    package struct BreakGlass: Sendable, Equatable {
        package var subjects: SubjectSelector
        /// How long a reason holds once it is given.
        package var duration: Duration
        /// Until when approvers are to have looked at what was run, from its beginning.
        package var reviewWithin: Duration

        package init(reading fields: inout MappingReader) {
            subjects = fields.object("subjects") {
                SubjectSelector(users: $0.strings("users"), groups: $0.strings("groups"))
            }
            duration = fields.duration(
                "duration", in: .seconds(1)...(.seconds(86_400)), default: .seconds(900))
            reviewWithin = fields.duration(
                "reviewWithin", in: .seconds(60)...(.seconds(30 * 86_400)), default: .seconds(86_400))
            if subjects.isEmpty, fields.has("subjects") {
                fields.fault(at: "subjects", "names nobody, so nobody could break the glass")
            }
        }
    }

    /// A webhook that is told what becomes of the rule's requests.
    package struct Notification: Sendable, Equatable {
        /// The key holds the address; the Secret, of the rule's own namespace, also holds what notifications are signed by.
        package var webhookSecretRef: SecretKeyReference
        /// Whether the statement's text, without its literals, is told too.
        package var includeStatement: Bool

        package init(reading fields: inout MappingReader) {
            webhookSecretRef = fields.object("webhookSecretRef") {
                SecretKeyReference(reading: &$0, defaultKey: "url")
            }
            includeStatement = fields.boolean("includeStatement", default: false)
        }
    }

    /// What an approval allows.
    package struct Grant: Sendable, Equatable {
        package enum Scope: String, Sendable, CaseIterable {
            case singleStatement = "SingleStatement"
            case session = "Session"
            case timeBox = "TimeBox"
        }

        package var type: Scope
        package var duration: Duration
        /// Most rows that one statement may write or return; `nil`: any number.
        package var maximumRows: Int?

        package init(reading fields: inout MappingReader) {
            type = fields.choice("type", default: .singleStatement)
            duration = fields.duration(
                "duration", in: .seconds(1)...(.seconds(86_400)), default: .seconds(300))
            maximumRows = fields.optionalInteger("maximumRows", in: 0...(1 << 50))
        }
    }
}
