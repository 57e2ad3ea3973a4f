import API
import SeededRandomness
import Testing

@testable import Masking

struct RowMaskerTests {
    /// The body of a `DataRow` with these cells; `nil` is NULL.
    static func body(_ cells: [[UInt8]?]) -> [UInt8] {
        cells.reduce([UInt8](bigEndian: Int16(cells.count))) { body, cell in
            body + [UInt8](bigEndian: Int32(cell?.count ?? -1)) + (cell ?? [])
        }
    }

    static func text(_ cells: [String?]) -> [UInt8] {
        body(cells.map { $0.map { Array($0.utf8) } })
    }

    /// The whole message.
    static func message(_ body: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "D")] + [UInt8](bigEndian: Int32(body.count + 4)) + body
    }

    static let masker = RowMasker(columns: [
        nil, ColumnMasker(.redact, OID.text), nil,
        ColumnMasker(.partial(keepFirst: 0, keepLast: 4, maskCharacter: "*"), OID.text),
        ColumnMasker(.null, OID.text), ColumnMasker(.generalize(.year), OID.date), nil,
    ])

    private func masked(_ body: [UInt8], by masker: RowMasker = masker) throws(MaskingError) -> [UInt8] {
        var out: [UInt8] = [0xaa]
        try masker.appendDataRow(body: body.span, to: &out)
        return Array(out.dropFirst())
    }

    @Test
    func `masked cells are replaced and the others copied`() throws {
        let row = Self.text(["1", "Ann", "x", "123-45-6789", "secret", "1980-05-17", "end"])
        let expected = Self.text(["1", "[redacted]", "x", "*******6789", nil, "1980-01-01", "end"])
        #expect(try masked(row) == Self.message(expected))
    }

    @Test
    func `NULL stays NULL`() throws {
        let row = Self.text([nil, nil, nil, nil, nil, nil, nil])
        #expect(try masked(row) == Self.message(row))
        let mixed = Self.text(["1", nil, "x", nil, "secret", "infinity", nil])
        #expect(try masked(mixed) == Self.message(Self.text(["1", nil, "x", nil, nil, nil, nil])))
    }

    @Test
    func `a row without masks is the row itself`() throws {
        let row = Self.text(["1", "", nil])
        #expect(try masked(row, by: RowMasker(columns: [nil, nil, nil])) == Self.message(row))
        #expect(try masked([0, 0], by: RowMasker(columns: [])) == Self.message([0, 0]))
    }

    @Test
    func `every column may have a mask`() throws {
        let redact = ColumnMasker(.redact, OID.text)
        let all = RowMasker(columns: [redact, redact, redact])
        let expected = Self.text(["[redacted]", nil, "[redacted]"])
        #expect(try masked(Self.text(["", nil, "abc"]), by: all) == Self.message(expected))
    }

    @Test
    func `a row of another width is refused`() {
        #expect(throws: MaskingError.columnCountMismatch(expected: 7, found: 6)) {
            try masked(Self.text(["1", "2", "3", "4", "5", "6"]))
        }
        #expect(throws: MaskingError.columnCountMismatch(expected: 7, found: 8)) {
            try masked(Self.text(["1", "2", "3", "4", "5", "6", "7", "8"]))
        }
        #expect(throws: MaskingError.columnCountMismatch(expected: 7, found: 65_535)) {
            try masked([0xff, 0xff])
        }
    }

    @Test
    func `a row cut anywhere or with bytes after it is refused, and nothing of it is kept`() {
        let row = Self.text(["1", "Ann", "x", "123-45-6789", "secret", "1980-05-17", "end"])
        for end in 0..<row.count {
            var out: [UInt8] = [1, 2, 3]
            #expect(throws: MaskingError.malformedRow) {
                try Self.masker.appendDataRow(body: row.span.extracting(..<end), to: &out)
            }
            #expect(out == [1, 2, 3])
        }
        #expect(throws: MaskingError.malformedRow) { try masked(row + [0]) }
    }

    @Test(arguments: [-2, .min, .max, 1 << 20] as [Int32])
    func `a length that is none is refused`(length: Int32) {
        for column in 0..<7 {
            var cells: [[UInt8]] = Array(repeating: [0, 0, 0, 1, 0x41], count: 7)
            cells[column] = [UInt8](bigEndian: length) + [0x41]
            #expect(throws: MaskingError.malformedRow) { try masked([0, 7] + cells.flatMap { $0 }) }
        }
    }

    /// No input may trap, and no redacted cell may come through: quick, seeded mutations of a good row.
    @Test
    func `mutated rows are masked or refused`() {
        var random = SeededGenerator(seed: 22)
        let secret = Array("SECRETSECRET".utf8)
        let redacting = RowMasker(columns: [nil, ColumnMasker(.redact, OID.text), nil])
        var refused = 0
        for _ in 0..<20_000 {
            var row = Self.body([[1, 2, 3], secret, nil])
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<9, using: &random)
                row[index] =
                    Bool.random(using: &random)
                    ? .random(in: 0...255, using: &random) : UInt8.random(in: 0...20, using: &random)
            }
            var out: [UInt8] = []
            do {
                try redacting.appendDataRow(body: row.span, to: &out)
                // With the lengths intact, the second cell is still where it was.
                if row.prefix(9) == Self.body([[1, 2, 3], secret, nil]).prefix(9) {
                    #expect(!out.contains(secret))
                }
                #expect(out.count == 1 + Int(out.span.bigEndianWord(at: 1)))
            } catch {
                refused += 1
                #expect(out.isEmpty)
            }
        }
        #expect(refused > 5_000)
    }
}

extension [UInt8] {
    /// Whether the bytes hold `pattern` anywhere.
    func contains(_ pattern: [UInt8]) -> Bool {
        guard count >= pattern.count else { return false }
        return (0...count - pattern.count).contains { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
