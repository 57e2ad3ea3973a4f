import API
import Foundation
import Kubernetes
import Testing

@testable import Operator

/// Requests that an operator without a cluster keeps.
struct LocalApprovalsTests {
    private typealias Samples = ApprovalSamples

    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    /// As after a start, under the rule that asks `dba`.
    private func approvals(
        at time: String = Samples.before, keptLimit: Int = LocalApprovals.keptLimit
    ) throws -> LocalApprovals {
        let now = try #require(Timestamp(time))
        let approvals = try LocalApprovals(
            folder: try LocalFolder(folder), keptLimit: keptLimit, now: { now },
            people: { ["ana": ["dba"], "ben": ["dba"]] },
            changed: {})
        approvals.use([
            ApprovalRule(
                metadata: ObjectMetadata(name: "destruction", namespace: "clinic"), spec: try Samples.rule())
        ])
        return approvals
    }

    private func question(
        _ id: String, by name: String = "job", breakGlass: String? = nil
    ) -> ApprovalQuestion {
        Samples.question(
            id, by: name, .gatewayUser, digest: Samples.digest(id), whileWaiting: .reject,
            breakGlass: breakGlass)
    }

    private func approver(_ name: String, groups: [String] = ["dba"]) -> ApprovalRequest.Approver {
        ApprovalRequest.Approver(username: name, groups: groups)
    }

    @Test(arguments: [("not now\nask again", "dba"), ("a\tb", "dba"), ("seen", "d\u{7F}ba")])
    func `a decision that could not be read again is not kept`(reason: String, group: String) throws {
        let approvals = try approvals()
        _ = try approvals.ask(question("a-1"), by: "gateway")
        #expect(throws: LocalApprovals.Fault.self) {
            try approvals.decide(
                "a-1", .deny, reason: reason, by: approver("ana", groups: ["dba", group]))
        }
        #expect(approvals.request("a-1")?["spec", "decisions"]?.array?.isEmpty == true)
        _ = try approvals.decide("a-1", .deny, reason: "not now", by: approver("ana"))
        let anew = try self.approvals()
        #expect(try anew.ask(question("a-1"), by: "gateway").state == .denied)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func `who asks for too much is refused, and nobody else`() throws {
        let approvals = try approvals()
        for number in 1...ApprovalLimit.ofRequester {
            _ = try approvals.ask(question("a-\(number)"), by: "gateway")
        }
        let fault = "too many of your statements wait for approval: 256; have them decided or withdrawn"
        #expect(throws: LocalApprovals.Fault.tooMany(fault)) {
            try approvals.ask(question("b-1"), by: "gateway")
        }
        #expect(try approvals.ask(question("a-1"), by: "gateway").state == .pending)
        #expect(try approvals.ask(question("b-2", by: "other"), by: "gateway").state == .pending)
        // What ran by a broken glass is always noted.
        #expect(try approvals.ask(question("b-3", breakGlass: "ward 3"), by: "gateway").state == .approved)
        _ = try approvals.decide("a-2", .deny, reason: "no", by: approver("ana"))
        #expect(try approvals.ask(question("b-1"), by: "gateway").state == .pending)
        #expect(throws: LocalApprovals.Fault.tooMany(fault)) {
            try approvals.ask(question("b-4"), by: "gateway")
        }
        let later = try self.approvals(at: Samples.after, keptLimit: 1)
        #expect(try later.ask(question("b-4"), by: "gateway").state == .pending)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func `there is a limit for all, which one requester does not reach`() {
        let own = [String](repeating: "job", count: ApprovalLimit.ofRequester)
        let others = (own.count..<ApprovalLimit.inAll).map { "other-\($0 % 99)" }
        #expect(ApprovalLimit.fault(for: "job", beside: []) == nil)
        #expect(ApprovalLimit.fault(for: "job", beside: Array(own.dropLast()) + others) == nil)
        #expect(
            ApprovalLimit.fault(for: "job", beside: own)?.hasPrefix("too many of your statements") == true)
        #expect(
            ApprovalLimit.fault(for: "new", beside: own + others)?.hasPrefix("too many statements") == true)
    }

    @Test func `what is over is forgotten first, and nothing else`() throws {
        let approvals = try approvals(keptLimit: 8)
        for id in ["d-1", "u-1", "u-2", "a-1", "p-1", "p-2", "p-3", "p-4"] {
            _ = try approvals.ask(question(id), by: "gateway")
        }
        _ = try approvals.decide("d-1", .deny, reason: "no", by: approver("ana"))
        for id in ["u-1", "u-2", "a-1"] {
            for name in ["ana", "ben"] {
                _ = try approvals.decide(id, .approve, reason: "seen", by: approver(name))
            }
        }
        for id in ["u-1", "u-2"] {
            #expect(try approvals.ask(question(id), by: "gateway").state == .approved)
        }
        func kept() -> Set<String> {
            Set(approvals.all().compactMap { $0["metadata", "name"]?.string })
        }
        _ = try approvals.ask(question("p-5"), by: "gateway")
        #expect(kept() == ["d-1", "a-1", "p-1", "p-2", "p-3", "p-4", "p-5"])
        for id in ["p-6", "p-7"] { _ = try approvals.ask(question(id), by: "gateway") }
        #expect(kept() == ["a-1", "p-1", "p-2", "p-3", "p-4", "p-5", "p-6", "p-7"])
        #expect(try approvals.ask(question("a-1"), by: "gateway").state == .approved)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == kept())
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test(arguments: ["", "{", "{}", #"{"apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRequest"}"#])
    func `an operator does not start on a request that it cannot read`(content: String) throws {
        _ = try approvals().ask(question("a-1"), by: "gateway")
        _ = try approvals()
        let file = folder + "/a-1"
        try Data(content.utf8).write(to: URL(filePath: file))
        let fault = #expect(throws: LocalApprovals.Unreadable.self) { try approvals() }
        #expect(fault?.file == file)
        try Data().write(to: URL(filePath: folder + "/.a-2"))
        try FileManager.default.removeItem(atPath: file)
        #expect(try approvals().request("a-1") == nil)
        try FileManager.default.removeItem(atPath: folder)
    }
}
