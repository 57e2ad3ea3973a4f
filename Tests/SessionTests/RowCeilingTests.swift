import Testing

@testable import Session

struct RowCeilingTests {
    private func row(_ texts: String...) -> [[UInt8]?] { texts.map { Array($0.utf8) } }

    /// After the question was answered so before and after the statement.
    private func counted(
        _ before: [[UInt8]?], _ after: [[UInt8]?], returnedBefore: UInt64 = 0
    ) -> RowCeiling {
        let ceiling = RowCeiling(
            .init(limit: 10, rule: "ApprovalRule/deletion"), returnedBefore: returnedBefore)
        ceiling.receive(count: before)
        ceiling.before = ceiling.counted
        ceiling.receive(count: after)
        return ceiling
    }

    @Test func `what the transaction wrote meanwhile is counted, however it was written`() {
        let ceiling = counted(row("on", "1", "2", "3"), row("on", "3", "2", "7"))
        #expect(ceiling.total(rows: 0) == 6)
    }

    @Test func `what is returned or told counts where that is more`() {
        let ceiling = counted(row("on", "0", "0", "0"), row("on", "2", "0", "0"))
        #expect(ceiling.total(rows: 9) == 9)
    }

    @Test func `earlier pieces of a portal count`() {
        let ceiling = counted(row("on", "0", "0", "0"), row("on", "0", "0", "0"), returnedBefore: 8)
        #expect(ceiling.total(rows: 3) == 11)
    }

    @Test(arguments: [
        ["off", "1", "2", "3"], ["on", "1", "2"], ["on", "1", "2", "x"], ["on", "1", "2", "-3"], [],
    ])
    func `what the server does not count is any number`(texts: [String]) {
        let row = texts.map { Optional(Array($0.utf8)) }
        #expect(counted(self.row("on", "0", "0", "0"), row).total(rows: 1) == nil)
        #expect(counted(row, self.row("on", "0", "0", "0")).total(rows: 1) == nil)
    }

    @Test func `counters that go backwards tell nothing`() {
        #expect(counted(row("on", "5", "0", "0"), row("on", "4", "0", "0")).total(rows: 1) == nil)
    }

    @Test func `counters beyond what can be counted do no harm`() {
        let most = String(UInt64.max)
        #expect(counted(row("on", most, most, most), row("on", "0", "0", "0")).total(rows: 1) == nil)
    }
}
