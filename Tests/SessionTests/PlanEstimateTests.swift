import Testing

@testable import Session

struct PlanEstimateTests {
    private func rows(_ text: String) -> Double? { PlanEstimate.rows(in: Array(text.utf8)) }

    @Test func `a query returns what its first node does`() {
        #expect(
            rows(#"[{"Plan": {"Node Type": "Seq Scan", "Plan Rows": 850, "Filter": "(a = '}\"]')"}}]"#) == 850
        )
    }

    @Test func `a write touches what the plan below it yields, in every part`() {
        let write = #"{"Node Type": "ModifyTable", "Plan Rows": 0, "Plans": [ROWS]}"#
        func source(_ rows: Int, _ relation: String = "Outer", _ more: String = "") -> String {
            #"{"Node Type": "Seq Scan", "Parent Relationship": "\#(relation)", "Plan Rows": \#(rows)\#(more)}"#
        }
        func plan(_ sources: String...) -> String {
            "[{\"Plan\": \(write.replacing("ROWS", with: sources.joined(separator: ",")))}]"
        }
        #expect(rows(plan(source(7))) == 7)
        #expect(rows(plan(source(7, "Member"), source(5, "Member"), source(9, "InitPlan"))) == 12)
        let inner = write.replacing("ROWS", with: source(40))
        #expect(rows(plan(source(7, "Outer", #", "Plans": [\#(inner)]"#))) == 47)
        #expect(rows(plan(source(7, "InitPlan"))) == nil)
    }

    @Test(arguments: [
        "", "[]", "{}", "[{}]", "[1]", #"[{"Plan": {}}]"#, #"[{"Plan": {"Plan Rows": "9"}}]"#,
        #"[{"Plan": {"Plan Rows": 9}}"#, #"[{"Plan": {"Plan Rows": 9}}]x"#,
        #"[{"Plan": {"Plan Rows": 1e999}}]"#,
        #"[{"Plan": {"Plan Rows": nan}}]"#, #"[{"Plan \"#, String(repeating: "[", count: 100_000),
    ])
    func `what is no plan tells nothing`(text: String) {
        #expect(rows(text) == nil)
    }
}
