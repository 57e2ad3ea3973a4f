import API
import Policy
import Testing

@testable import Manifests
@testable import Session

struct BreakGlassTests {
    private static let ana = ApprovalRequester(Subject(name: "ana", groups: ["on-call"], proof: .token))
    private static let ben = ApprovalRequester(Subject(name: "ben", groups: ["on-call"], proof: .token))
    private static let broken = BreakGlass.Broken(requester: ana, reason: "ward 3 is down", since: 1_000_000)

    /// Those of a rule whose glass people on call may break, for 60 s.
    private func terms(_ breakGlass: String = "{subjects: {groups: [on-call]}, duration: 60s}") throws
        -> ApprovalTerms
    {
        let manifest = """
            kind: ApprovalRule
            apiVersion: weir.dev/v1alpha1
            metadata: {name: deletion, namespace: default}
            spec:
              targets: {connectionSelector: {matchLabels: {team: wards}}}
              match: {statements: [Delete]}
              effect: RequireApproval
              approval: {approvers: {groups: [dba]}, breakGlass: \(breakGlass)}
            """
        let files = [ManifestFile(path: "rule.yaml", bytes: Array(manifest.utf8))]
        let rule = try ManifestSet.read(files).approvalRules[0]
        return ApprovalTerms(
            rule: ApprovalRequest.RuleReference(namespace: "default", name: "deletion"), kind: .delete,
            approval: try #require(rule.spec.approval), grant: rule.spec.grant, whileWaiting: .block,
            allowance: rule.spec.allowance)
    }

    @Test func `it is broken for whoever broke it`() throws {
        let terms = try terms()
        #expect(Self.broken.isFor(Self.ana, terms, at: 2_000_000))
        #expect(!Self.broken.isFor(Self.ben, terms, at: 2_000_000))
        var through = Self.ana
        through.through = "portal"
        #expect(!Self.broken.isFor(through, terms, at: 2_000_000))
    }

    @Test func `it is broken where the rule names them`() throws {
        let others = try terms("{subjects: {users: [ben]}}")
        #expect(!Self.broken.isFor(Self.ana, others, at: 2_000_000))
    }

    @Test func `it is broken for as long as the rule says`() throws {
        let terms = try terms()
        #expect(Self.broken.isFor(Self.ana, terms, at: 60_999_999))
        #expect(!Self.broken.isFor(Self.ana, terms, at: 61_000_000))
    }

    @Test(arguments: [
        ("ward 3 is down", true), ("x", true), ("", false), ("  ", false), ("a\u{7}b", false),
        (String(repeating: "é", count: 512), true), (String(repeating: "x", count: 513), false),
    ])
    func `a reason says something`(text: String, isReason: Bool) {
        #expect((BreakGlass.reason(text) != nil) == isReason)
    }
}
