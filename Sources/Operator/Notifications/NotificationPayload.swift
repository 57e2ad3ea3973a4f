import API
import Kubernetes

/// What a webhook gets: a message as Slack's incoming webhooks take it (`text` and `blocks`), and under `weir` the same for
/// programs. It holds nothing by which a request could be decided.
struct NotificationPayload: Sendable {
    /// Most tables, people and groups that are told of. Ours.
    static let maximumNames = 32
    /// Longest name told to programs, in Unicode scalars. Ours.
    static let maximumNameLength = 256
    /// Longest text of a statement, in Unicode scalars. Slack takes 3,000 characters in a block.
    static let maximumStatementLength = 2000

    let notice: Notice
    /// `nil` where there is no such page.
    let link: ApprovalsLink?
    /// Whether approvers name the namespace, as they do in a cluster.
    let namesNamespace: Bool

    private var standing: ApprovalStanding { notice.standing }
    private var request: ApprovalRequest.Spec { standing.request }
    private var event: NotificationEvent { notice.event }

    var json: JSON {
        var json: JSON = [
            "text": .string(fallback), "blocks": .array(blocks), "weir": facts,
            // Slack reads nothing into the text, and fetches nothing it may name.
            "mrkdwn": false, "parse": "none", "link_names": false, "unfurl_links": false,
            "unfurl_media": false,
        ]
        if notice.webhook.includesStatement {
            let text = request.statement.redactedText.cut(Self.maximumStatementLength)
            json["weir", "statement"] = .string(text)
        }
        return json
    }

    // MARK: - For people

    /// For notifications of the screen, and for chats without blocks.
    private var fallback: String {
        let requester = ChatText(request.requester.name).escaped
        return """
            \(event.headline): \(request.statement.kind.rawValue) by \(requester) on \
            \(standing.key.namespace)/\(request.connectionRef), request \(standing.key.name)
            """
    }

    private var blocks: [JSON] {
        var blocks: [JSON] = [
            ["type": "header", "text": Self.plain(event.headline)],
            ["type": "section", "fields": .array(fields.map { Self.plain("\($0.name)\n\($0.value)") })],
        ]
        if notice.webhook.includesStatement {
            let text = ChatText(request.statement.redactedText, upTo: Self.maximumStatementLength)
            blocks.append(["type": "section", "text": Self.plain(text.text)])
        }
        if let link {
            let address = link.address(namespace: standing.key.namespace, name: standing.key.name)
            let text = "<\(address.replacing("&", with: "&amp;"))|Open the request>"
            let shown: JSON = ["type": "mrkdwn", "verbatim": true, "text": .string(text)]
            blocks.append(["type": "section", "text": shown])
        }
        blocks.append(["type": "section", "text": Self.plain(commands.joined(separator: "\n"))])
        return blocks
    }

    private var fields: [(name: String, value: String)] {
        var fields = [
            ("Requester", requester), ("Connection", "\(standing.key.namespace)/\(request.connectionRef)"),
            ("Statement", statement), ("Rule", "\(request.ruleRef.namespace)/\(request.ruleRef.name)"),
            ("Approvals", "\(standing.approvals) of \(request.requiredApprovals)"),
            ("Until", request.expiresAt),
        ]
        if let grant = request.grant { fields.append(("Allows", Self.shown(grant))) }
        let decisions = request.decisions.prefix(Self.maximumShown).map {
            "\($0.verdict.rawValue) by \(ChatText($0.approver.username).text)"
        }
        if !decisions.isEmpty { fields.append(("Decisions", decisions.joined(separator: ", "))) }
        return fields
    }

    /// Tables and decisions that people are shown; programs get more. Ours.
    private static let maximumShown = 8

    private static func shown(_ grant: ApprovalRequest.Grant) -> String {
        let covers = grant.covers.map {
            "for \(grant.duration.manifestText), \(ChatText($0, upTo: maximumCoverageLength).text)"
        }
        let windows = grant.windows.prefix(maximumShown).joined(separator: " or ")
        return "\(grant.type.rawValue): \(covers ?? "this statement, once")"
            + (windows.isEmpty ? "" : ", \(windows) only")
    }

    /// Of what a grant covers, in Unicode scalars. Slack takes 2,000 characters in a field.
    private static let maximumCoverageLength = 500

    private var requester: String {
        let name = ChatText(request.requester.name).text
        return request.requester.through.map { "\(name) through \(ChatText($0).text)" } ?? name
    }

    private var statement: String {
        let tables = request.statement.tables
        guard !tables.isEmpty else { return request.statement.kind.rawValue }
        let shown = tables.prefix(Self.maximumShown).map { ChatText($0, upTo: 100).text }
        let more = tables.count > shown.count ? " and \(tables.count - shown.count) more" : ""
        return "\(request.statement.kind.rawValue) of \(shown.joined(separator: ", "))\(more)"
    }

    /// How the request is looked at and decided: by who proves themselves to the operator or the API server there.
    private var commands: [String] {
        let place = namesNamespace ? " -n \(standing.key.namespace)" : ""
        let show = "weirctl approvals show \(standing.key.name)\(place)"
        guard event.asksForDecision else { return [show] }
        let reason = standing.approval?.requireReason == true ? " --reason …" : ""
        return [show, "weirctl approvals approve \(standing.key.name)\(place)\(reason)"]
    }

    private static func plain(_ text: String) -> JSON {
        ["type": "plain_text", "emoji": false, "text": .string(text)]
    }

    // MARK: - For programs

    private var facts: JSON {
        let tables = request.statement.tables
        var facts: JSON = [
            "version": 1, "event": .string(event.name), "delivery": .string(notice.delivery),
            "namespace": .string(standing.key.namespace), "request": .string(standing.key.name),
            "rule": ["namespace": .string(request.ruleRef.namespace), "name": .string(request.ruleRef.name)],
            "connection": .string(request.connectionRef), "requester": .string(request.requester.name),
            "kind": .string(request.statement.kind.rawValue), "tables": Self.list(tables),
            "tableCount": .integer(Int64(tables.count)), "expiresAt": .string(request.expiresAt),
            "requiredApprovals": .integer(Int64(request.requiredApprovals)),
            "approvals": .integer(Int64(standing.approvals)), "phase": .string(event.phase),
            "approvers": [
                "users": Self.list(standing.approval?.approvers.users ?? []),
                "groups": Self.list(standing.approval?.approvers.groups ?? []),
            ],
            "decisions": .array(
                request.decisions.map { decision in
                    [
                        "approver": .string(decision.approver.username),
                        "verdict": .string(decision.verdict.rawValue), "time": .string(decision.time),
                    ]
                }),
        ]
        if let through = request.requester.through { facts["through"] = .string(through) }
        if request.breakGlass != nil { facts["breakGlass"] = true }
        if var grant = request.grant {
            grant.windows = Array(grant.windows.prefix(Self.maximumNames))
            facts["grant"] = grant.document
        }
        return facts
    }

    private static func list(_ names: [String]) -> JSON {
        .array(names.prefix(maximumNames).map { .string($0.cut(maximumNameLength)) })
    }
}

extension String {
    /// The beginning, of so many Unicode scalars, with a sign that there is more.
    fileprivate func cut(_ length: Int) -> String {
        let scalars = unicodeScalars
        guard scalars.count > length else { return self }
        return String(String.UnicodeScalarView(scalars.prefix(length - 1))) + "…"
    }
}
