import API
import StatementAnalysis
import Testing

@testable import Session

/// An approval is for one statement, as it is.
struct ApprovalBindingTests {
    private let binding = ApprovalBinding(
        texts: [
            .init(
                bytes: Array("DELETE FROM a".utf8), encoding: "UTF8", hasStandardStrings: true,
                parameterTypes: [0, 0, 0, 23])
        ],
        parameters: [1], relations: [20_001], functions: [20_101],
        context: SessionContext(searchPath: ["public", "app"], currentUser: "app"), ground: "6d3f",
        startup: [2], encoding: "UTF8", database: "clinic", connection: "clinic/main",
        requester: ApprovalRequester(Subject(name: "job", groups: ["ci"], proof: .workload)),
        session: SessionID(high: 1, low: 2),
        rule: ApprovalRequest.RuleReference(namespace: "clinic", name: "deletions"),
        allowance: "SingleStatement; 5m; any rows; ")

    @Test func `whatever is another, the approval is of another`() {
        let changes: [(inout ApprovalBinding) -> Void] = [
            { $0.texts[0].bytes = Array("DELETE FROM b".utf8) }, { $0.texts[0].encoding = "SJIS" },
            { $0.texts[0].hasStandardStrings = false }, { $0.texts[0].parameterTypes = [0, 0, 0, 25] },
            { $0.texts.append($0.texts[0]) }, { $0.parameters = [3] }, { $0.relations = [20_002] },
            { $0.functions = [20_102] }, { ($0.relations, $0.functions) = ([20_001, 20_101], []) },
            { $0.context.searchPath = ["app", "public"] }, { $0.context.searchPath = ["publicapp"] },
            { $0.context.currentUser = "owner" }, { $0.ground = "6d40" }, { $0.startup = [] },
            { $0.encoding = "LATIN1" }, { $0.database = "billing" }, { $0.connection = "clinic/other" },
            { $0.requester.subject.name = "other" }, { $0.requester.subject.groups = ["ci", "dba"] },
            { $0.requester.subject.proof = .token }, { $0.requester.through = "portal" },
            { $0.session = SessionID(high: 1, low: 3) }, { $0.session = nil },
            { $0.rule.namespace = "weir-system" }, { $0.rule.name = "drops" },
            { $0.allowance = "TimeBox; 1h; any rows; any statement" },
        ]
        var digests: Set = [binding.digest]
        for change in changes {
            var other = binding
            change(&other)
            digests.insert(other.digest)
        }
        #expect(digests.count == changes.count + 1)
    }

    @Test func `the order of groups means nothing`() {
        var (one, other) = (binding, binding)
        one.requester.subject.groups = ["a", "b"]
        other.requester.subject.groups = ["b", "a"]
        #expect(one.digest == other.digest && one.digest.count == 32)
    }
}
