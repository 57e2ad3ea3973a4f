import API
import Policy
import Testing

@testable import Manifests
@testable import Session

/// What a client is told of a statement that runs in some hours only.
struct ApprovalWindowTests {
    private func terms() throws -> ApprovalTerms {
        let manifest = """
            kind: ApprovalRule
            apiVersion: weir.dev/v1alpha1
            metadata: {name: deletion, namespace: default}
            spec:
              targets: {connectionSelector: {}}
              match: {statements: [Delete]}
              effect: RequireApproval
              approval: {approvers: {groups: [dba]}, windows: ["Sun 02:00-04:00 UTC"]}
            """
        let files = [ManifestFile(path: "rule.yaml", bytes: Array(manifest.utf8))]
        let rule = try ManifestSet.read(files).approvalRules[0]
        return ApprovalTerms(
            rule: ApprovalRequest.RuleReference(namespace: "default", name: "deletion"), kind: .delete,
            approval: try #require(rule.spec.approval), grant: rule.spec.grant, whileWaiting: .block,
            allowance: rule.spec.allowance)
    }

    private let expired = ApprovalState.Outcome.answered(
        ApprovalAnswer(id: "a-1", request: "a-1", state: .expired))

    @Test func `what no window opened for was approved all the same`() throws {
        let told = Diagnosis(expired, of: try terms(), isApproved: true)
        #expect(told.sqlState == "42501")
        #expect(
            told.message
                == "approved by ApprovalRule/deletion, but no window opened in time: it runs Sun 02:00-04:00 UTC only"
        )
    }

    @Test func `what nobody approved was not given in time`() throws {
        let told = Diagnosis(expired, of: try terms())
        #expect(told.message == "approval required by ApprovalRule/deletion was not given in time")
    }

    @Test func `what is sent again too early is told that it is approved`() throws {
        let told = Diagnosis(.pending(request: "a-1"), of: try terms(), isApproved: true)
        #expect(told.message == "approved by ApprovalRule/deletion, but it runs Sun 02:00-04:00 UTC only")
        #expect(told.hint == "Run the same statement again then.")
    }

    @Test func `a cancel is a cancel, approved or not`() throws {
        #expect(Diagnosis(.cancelled, of: try terms(), isApproved: true).sqlState == "57014")
    }
}
