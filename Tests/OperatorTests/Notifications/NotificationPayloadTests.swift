import API
import Foundation
import Kubernetes
import Testing

@testable import Operator

/// Whole notifications, as files to read; `UPDATE_GOLDEN=1` writes them anew.
struct NotificationPayloadTests {
    typealias Samples = NotificationSamples

    private let link = ApprovalsLink("https://ops.example/{namespace}/requests?name={name}&view=all")

    private func payload(
        of standing: ApprovalStanding, _ event: NotificationEvent? = nil, link: ApprovalsLink? = nil,
        inCluster: Bool = true
    ) -> JSON {
        let notice = Notice(
            standing: standing, event: event ?? .reached(standing.phase), webhook: standing.webhooks[0])
        return NotificationPayload(notice: notice, link: link, namesNamespace: inCluster).json
    }

    @Test func `a request is told as it is documented`() throws {
        try compare(payload(of: try Samples.standing(statement: true), link: link), with: "requested.json")
    }

    @Test func `what was decided is told as it is documented`() throws {
        let standing = try Samples.standing(decisions: Samples.approvals) { $0.requester.through = "app" }
        try compare(payload(of: standing, inCluster: false), with: "approved.json")
    }

    @Test func `every event has its words`() throws {
        let standing = try Samples.standing()
        let events: [NotificationEvent] = [
            .reached(.pending), .reached(.approved), .reached(.denied), .reached(.expired), .withdrawn,
            .reached(.awaitingReview), .reached(.overdue), .reached(.reviewed), .reached(.disputed),
        ]
        let told = events.map { payload(of: standing, $0) }
        #expect(
            told.map { $0["weir", "event"]?.string } == [
                "requested", "approved", "denied", "expired", "withdrawn", "glassBroken", "reviewOverdue",
                "reviewed", "disputed",
            ])
        #expect(
            told.map { $0["weir", "phase"]?.string } == [
                "Pending", "Approved", "Denied", "Expired", "Withdrawn", "AwaitingReview", "Overdue",
                "Reviewed", "Disputed",
            ])
        #expect(Set(told.compactMap { $0["weir", "delivery"]?.string }).count == 9)
        let asking = told.map { $0.description.contains("approvals approve") }
        #expect(asking == [true, false, false, false, false, true, true, false, false])
    }

    @Test func `without being asked for, no text is told`() throws {
        let told = payload(of: try Samples.standing(decisions: [ApprovalSamples.decision("ana")])).description
        #expect(told.contains("ana") && !told.contains("DROP TABLE") && !told.contains("seen"))
        #expect(payload(of: try Samples.standing(statement: true)).description.contains("DROP TABLE old"))
    }

    @Test(arguments: [
        "<!channel>", "<http://evil.example|approve>", "<@U1>", "a\nApprove: https://evil.example",
        "\u{202E}evorppa", "@here", "*bold* _i_ ~s~ `c`", "&lt;!channel&gt;", "[a](https://evil.example)",
        "job\u{2028}line", "\u{0}\u{7F}", "zero\u{200B}width", String(repeating: "x", count: 5000),
    ])
    func `no name becomes a link, a mention or a line`(name: String) throws {
        let standing = try Samples.standing(statement: true) {
            $0.requester.name = name
            $0.requester.through = name
            $0.decisions = [
                ApprovalRequest.Decision(
                    id: "a", verdict: .approve, reason: name,
                    approver: ApprovalRequest.Approver(username: name, groups: [name]), time: "")
            ]
            $0.statement.tables = [name, name]
            $0.statement.redactedText = name
            $0.grant?.covers = name
        }
        var told = payload(of: standing)
        #expect(told["weir", "requester"]?.string == name)
        told["weir"] = nil
        var texts: [String] = []
        Self.collect(told, into: &texts)
        let shown = texts.joined(separator: " ")
        #expect(!shown.contains("<") && !shown.contains(">"))
        #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!shown.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{2028}" })
        let fallback = try #require(told["text"]?.string)
        for forged in ["\n", "://", "@here", "*bold", "`c", "](", "evil.example", "&lt;"] {
            #expect(!fallback.contains(forged))
        }
        #expect(told.rendered.count < 8_000)
        // Slack's limit of a field, and of a block's text.
        #expect(texts.allSatisfy { $0.utf16.count <= 3000 })
        for field in told["blocks"]?.array?[1]["fields"]?.array ?? [] {
            #expect((field["text"]?.string ?? "").split(separator: "\n").count == 2)
            #expect((field["text"]?.string ?? "").utf16.count <= 2000)
        }
    }

    private static func collect(_ value: JSON, into texts: inout [String]) {
        switch value {
        case .string(let text): texts.append(text)
        case .array(let items): for item in items { collect(item, into: &texts) }
        case .object(let fields): for field in fields { collect(field.value, into: &texts) }
        default: break
        }
    }

    @Test func `what an approval allows beyond the statement is told`() throws {
        let standing = try Samples.standing {
            $0.grant?.type = .timeBox
            $0.grant?.covers = "Delete, Drop; tables sess"
            $0.grant?.windows = ["Sun 02:00-04:00 UTC"]
        }
        let told = payload(of: standing)
        #expect(
            told["weir", "grant"] == [
                "type": "TimeBox", "duration": "5m", "windows": ["Sun 02:00-04:00 UTC"],
                "covers": "Delete, Drop; tables sess",
            ])
        let words = "Allows\nTimeBox: for 5m, Delete, Drop; tables sess, Sun 02:00-04:00 UTC only"
        let fields = told["blocks"]?.array?[1]["fields"]?.array ?? []
        #expect(fields.contains { $0["text"]?.string == words })
    }

    @Test func `however many there are, few are told`() throws {
        let standing = try Samples.standing {
            $0.statement.tables = (0..<256).map { "t\($0)" + String(repeating: "y", count: 4000) }
        }
        let told = payload(of: standing)
        #expect(told["weir", "tables"]?.array?.count == 32 && told["weir", "tableCount"]?.integer == 256)
        #expect(told.rendered.count < 20_000)
    }

    @Test(arguments: [
        ("https://ops.example/{namespace}/{name}", true), ("https://ops.example/{name}", true),
        ("https://ops.example/", false), ("http://ops.example/{name}", false),
        ("https://ops.example/{name}|Approve", false), ("https://ops.example/{name}>", false),
        ("https://ops.example/{name}/{uid}", false), ("javascript:{name}", false),
    ])
    func `a page's address holds the request's name`(template: String, isUsable: Bool) {
        #expect((ApprovalsLink(template) != nil) == isUsable)
    }
}
