import Testing

@testable import StatementAnalysis

/// A catalogue is confirmed by the rows that its relations are told by, and by nothing less.
struct CatalogueConfirmationTests {
    /// Relation 20000 of one schema, stamped 5 and 7.
    private let catalogue = {
        var stamps = CatalogueStamps()
        stamps[20000, in: .relations] = 5
        stamps[2200, in: .schemas] = 7
        return Catalogue(
            builtIns: CatalogueLayer(), user: CatalogueLayer(), stamps: stamps, serverVersion: 150000,
            database: "clinic")
    }()

    private func cells(_ row: [String?]) -> [[UInt8]?] { row.map { $0.map { Array($0.utf8) } } }

    private func confirms(_ rows: [[String?]]) throws -> Bool {
        var confirmation = CatalogueConfirmation([20000])
        for row in rows { try confirmation.receive(row: cells(row)) }
        return confirmation.confirms(catalogue)
    }

    private let snapshot: [String?] = [nil, "800:800:", "read committed"]
    private let schemas: [String?] = ["0", "7", "false"]

    @Test func `what is as it was is confirmed, under the transactions that were seen`() throws {
        #expect(try confirms([snapshot, ["20000", "5", "false"], schemas]))
        var confirmation = CatalogueConfirmation([20000])
        try confirmation.receive(row: cells(snapshot))
        #expect(confirmation.view?.snapshot == "800:800:")
        #expect(confirmation.view?.isCurrent == true)
    }

    @Test func `a relation that is another, or gone, is not`() throws {
        #expect(try !confirms([snapshot, ["20000", "6", "false"], schemas]))
        #expect(try !confirms([snapshot, schemas]))
    }

    @Test func `nor is one beside which another has its name, or a child has come`() throws {
        #expect(try !confirms([snapshot, ["20000", "5", "false"], ["20001", "5", "false"], schemas]))
    }

    @Test func `nor one whose schema may have another name`() throws {
        #expect(try !confirms([snapshot, ["20000", "5", "false"], ["0", "8", "false"]]))
        #expect(try !confirms([snapshot, ["20000", "5", "false"]]))
    }

    @Test func `a row that another transaction has replaced is told of`() throws {
        for isReplaced in [false, true] {
            var confirmation = CatalogueConfirmation([20000])
            for row in [snapshot, ["20000", "5", isReplaced ? "true" : "false"], schemas] {
                try confirmation.receive(row: cells(row))
            }
            #expect(confirmation.isSuperseded == isReplaced)
        }
    }

    @Test func `an answer that lacks a part confirms nothing, and one of another shape is none`() throws {
        #expect(try !confirms([["20000", "5", "false"], schemas]))
        for row in [["20000", nil, "t"], ["x", "5", "t"], ["20000", "x", "t"], ["20000", "5", nil], []]
            as [[String?]]
        {
            #expect(throws: CatalogueReader.Fault.malformedRow(query: 0)) { try confirms([row]) }
        }
    }
}
