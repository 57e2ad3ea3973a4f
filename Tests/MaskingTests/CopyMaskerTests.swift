import API
import Foundation
import SeededRandomness
import Testing

@testable import Masking

/// What PostgreSQL 15 wrote for one table in five forms; the masked forms are in files beside them.
struct CopySample: Sendable, CustomTestStringConvertible {
    let name: String
    let format: CopyMasker.Format

    static let all = [
        CopySample(
            name: "copy.text", format: .text(delimiter: 0x09, null: Array("\\N".utf8), hasHeader: false)),
        CopySample(
            name: "copy-bar.text",
            format: .text(delimiter: UInt8(ascii: "|"), null: Array("NULL".utf8), hasHeader: true)),
        CopySample(
            name: "copy.csv",
            format: .csv(
                delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), escape: UInt8(ascii: "\""), null: [],
                hasHeader: true)),
        CopySample(
            name: "copy-forced.csv",
            format: .csv(
                delimiter: UInt8(ascii: ";"), quote: UInt8(ascii: "'"), escape: UInt8(ascii: "\\"),
                null: Array("NULL".utf8), hasHeader: false)),
        CopySample(name: "copy.binary", format: .binary),
    ]

    var testDescription: String { name }

    var data: [UInt8] { get throws { try Self.file(name) } }

    /// Nine rows and a header may each be the last; binary data has a trailer.
    var completePrefixes: Int {
        switch format {
        case .text(_, _, let hasHeader), .csv(_, _, _, _, let hasHeader): hasHeader ? 10 : 9
        case .binary: 1
        }
    }

    /// id, name, note, born, score: of which name, born and score are masked.
    var columns: [ColumnMasker?] {
        let isBinary = format == .binary
        let partial = MaskingAction.partial(keepFirst: 1, keepLast: 1, maskCharacter: "\\")
        return [
            nil, ColumnMasker(partial, OID.text, isBinary: isBinary), nil,
            ColumnMasker(.generalize(.year), OID.date, isBinary: isBinary),
            ColumnMasker(.tokenize(key: nil), OID.int4, isBinary: isBinary),
        ]
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }
}

extension CopyMasker {
    /// The masked form of `data` given in parts of `chunk` bytes.
    static func mask(
        _ data: [UInt8], format: Format, columns: [ColumnMasker?], chunk: Int = .max
    ) throws(MaskingError) -> [UInt8] {
        var masker = try CopyMasker(format: format, columns: columns)
        var out: [UInt8] = []
        var offset = 0
        while offset < data.count {
            let end = offset + min(chunk, data.count - offset)
            try masker.append(data.span.extracting(offset..<end), to: &out)
            offset = end
        }
        try masker.finish()
        return out
    }
}

struct CopyMaskerTests {
    static let text = CopyMasker.Format.text(delimiter: 0x09, null: Array("\\N".utf8), hasHeader: false)
    static let csv = CopyMasker.Format.csv(
        delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), escape: UInt8(ascii: "\""), null: [],
        hasHeader: false)
    static let redact = ColumnMasker(.redact, OID.text)

    private func mask(_ data: String, _ format: CopyMasker.Format, _ columns: [ColumnMasker?]) throws
        -> String
    {
        String(
            decoding: try CopyMasker.mask(Array(data.utf8), format: format, columns: columns), as: UTF8.self)
    }

    @Test(arguments: CopySample.all)
    func `the masked form is the one on file`(sample: CopySample) throws {
        let masked = try CopyMasker.mask(sample.data, format: sample.format, columns: sample.columns)
        let name = "masked-\(sample.name)"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(masked).write(to: CopySample.folder.appending(path: name))
        }
        #expect(masked == (try CopySample.file(name)))
    }

    @Test(arguments: CopySample.all)
    func `chunk size does not change the masked form`(sample: CopySample) throws {
        let data = try sample.data
        let whole = try CopyMasker.mask(data, format: sample.format, columns: sample.columns)
        for chunk in 1...data.count {
            let masked = try CopyMasker.mask(
                data, format: sample.format, columns: sample.columns, chunk: chunk)
            #expect(masked == whole, "chunks of \(chunk)")
        }
    }

    @Test(arguments: CopySample.all)
    func `data without masks passes byte for byte`(sample: CopySample) throws {
        let data = try sample.data
        let none = [ColumnMasker?](repeating: nil, count: 5)
        #expect(try CopyMasker.mask(data, format: sample.format, columns: none) == data)
        #expect(try CopyMasker.mask(data, format: sample.format, columns: none, chunk: 3) == data)
    }

    @Test(arguments: CopySample.all)
    func `only whole rows are complete`(sample: CopySample) throws {
        let data = try sample.data
        let complete = (1...data.count).filter { end in
            let cut = Array(data.prefix(end))
            return (try? CopyMasker.mask(cut, format: sample.format, columns: sample.columns)) != nil
        }
        #expect(complete.count == sample.completePrefixes)
        #expect(complete.last == data.count)
    }

    @Test
    func `a mask is escaped as the server escapes`() throws {
        let bars = CopyMasker.Format.text(
            delimiter: UInt8(ascii: "*"), null: Array("\\N".utf8), hasHeader: false)
        let partial = MaskingAction.partial(keepFirst: 2, keepLast: 0, maskCharacter: "*")
        let masker = ColumnMasker(partial, OID.text)
        #expect(try mask("1*\\t\\\\cdef\n", bars, [nil, masker]) == "1*\\t\\\\\\*\\*\\*\\*\n")
        #expect(try mask("\\b\\vcdef\\f\\r\\n\n", bars, [masker]) == "\\b\\v\\*\\*\\*\\*\\*\\*\\*\n")
    }

    @Test
    func `a csv mask is quoted where the mask needs it, not where the value did`() throws {
        #expect(try mask("\"a,b\",1\nc,2\n", Self.csv, [Self.redact, nil]) == "[redacted],1\n[redacted],2\n")
        let comma = ColumnMasker(.partial(keepFirst: 1, keepLast: 0, maskCharacter: ","), OID.text)
        #expect(try mask("abc,1\n", Self.csv, [comma, nil]) == "\"a,,\",1\n")
        let quote = ColumnMasker(.partial(keepFirst: 1, keepLast: 0, maskCharacter: "\""), OID.text)
        #expect(try mask("abc,1\n", Self.csv, [quote, nil]) == "\"a\"\"\"\"\",1\n")
        // An empty mask is not NULL.
        #expect(try mask("\"\",1\n,2\n", Self.csv, [comma, nil]) == "\"\",1\n,2\n")
        // By itself on a line, this would end the data.
        let end = ColumnMasker(.partial(keepFirst: 1, keepLast: 0, maskCharacter: "."), OID.text)
        #expect(try mask("\\x\n", Self.csv, [end]) == "\"\\.\"\n")
        #expect(try mask("\\x,1\n", Self.csv, [end, nil]) == "\\.,1\n")
    }

    @Test
    func `quotes open and close anywhere, as the server reads them`() throws {
        let hash = ColumnMasker(.hash(key: nil), OID.text)
        let expected = try #require(hash.mask("a,b\"c")) + ",1\n"
        #expect(try mask("\"a,b\"\"c\",1\n", Self.csv, [hash, nil]) == expected)
        #expect(try mask("a\",b\"\"\"c,1\n", Self.csv, [hash, nil]) == expected)
        let apostrophe = CopyMasker.Format.csv(
            delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "'"), escape: UInt8(ascii: "\\"), null: [],
            hasHeader: false)
        let escaped = try #require(hash.mask("it's \\ a\\b")) + ",1\n"
        #expect(try mask("'it\\'s \\\\ a\\b',1\n", apostrophe, [hash, nil]) == escaped)
    }

    @Test
    func `NULL passes as it is written`() throws {
        #expect(
            try mask("\\N\t\\N\n\\\\N\t\\\\N\n", Self.text, [nil, Self.redact])
                == "\\N\t\\N\n\\\\N\t[redacted]\n")
        let words = CopyMasker.Format.csv(
            delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), escape: UInt8(ascii: "\""),
            null: Array("NULL".utf8), hasHeader: false)
        #expect(
            try mask("NULL,\"NULL\"\nNUL,NULLS\n", words, [Self.redact, Self.redact])
                == "NULL,[redacted]\n[redacted],[redacted]\n")
        let null = ColumnMasker(.null, OID.text)
        #expect(try mask("a,b\n", words, [null, nil]) == "NULL,b\n")
        #expect(try mask("a\tb\n", Self.text, [nil, null]) == "a\t\\N\n")
    }

    @Test
    func `a null string that a value may be written as tells nothing`() throws {
        let guess = CopyMasker.Format.text(delimiter: 0x09, null: Array("Ann".utf8), hasHeader: false)
        #expect(try mask("Ann\nBob\n", guess, [Self.redact]) == "[redacted]\n[redacted]\n")
        let integers = ColumnMasker(.redact, OID.int4)
        #expect(try mask("Ann\n17\n", guess, [integers]) == "Ann\nAnn\n")
    }

    @Test(
        arguments: [
            (0x09, "\\"), (0x09, "a\\"), (0x09, "\\n"), (0x7c, "a|b"), (0x09, "a\nb"), (0x09, "\r"),
            (0x5c, "NULL"),
            (0x61, "NULL"), (0x0a, "NULL"), (0x30, "NULL"), (0x4e, "\\N"),
        ] as [(UInt8, String)])
    func `text options under which rows cannot be told apart are refused`(delimiter: UInt8, null: String) {
        let format = CopyMasker.Format.text(delimiter: delimiter, null: Array(null.utf8), hasHeader: false)
        #expect(throws: MaskingError.invalidCopyOptions) { try CopyMasker(format: format, columns: [nil]) }
    }

    @Test(arguments: [
        (",", ",", "\"", ""), (",", "\"", "\n", ""), (",", "\n", "\"", ""), ("\n", "\"", "\"", ""),
        (",", "\"", "\"", "a,b"), (",", "\"", "\"", "a\"b"), (",", "\"", "\"", "\n"), (",", "\"", "\r", ""),
    ])
    func `csv options under which rows cannot be told apart are refused`(
        delimiter: String, quote: String, escape: String, null: String
    ) throws {
        let format = CopyMasker.Format.csv(
            delimiter: try #require(delimiter.utf8.first), quote: try #require(quote.utf8.first),
            escape: try #require(escape.utf8.first), null: Array(null.utf8), hasHeader: false)
        #expect(throws: MaskingError.invalidCopyOptions) { try CopyMasker(format: format, columns: [nil]) }
    }

    @Test(arguments: [text, csv])
    func `a row of another width is refused`(format: CopyMasker.Format) throws {
        let delimiter = format == Self.text ? "\t" : ","
        let two = [Self.redact, nil]
        #expect(throws: MaskingError.columnCountMismatch(expected: 2, found: 1)) {
            try mask("a\n", format, two)
        }
        #expect(throws: MaskingError.columnCountMismatch(expected: 2, found: 3)) {
            try mask(["a", "b", "c\n"].joined(separator: delimiter), format, two)
        }
        #expect(throws: MaskingError.columnCountMismatch(expected: 2, found: 1)) {
            try mask("\n", format, two)
        }
        #expect(throws: MaskingError.columnCountMismatch(expected: 0, found: 1)) {
            try mask("a\n", format, [])
        }
        #expect(try mask("\n\n", format, []) == "\n\n", "rows without columns")
        #expect(try mask("\n\n", format, [nil]) == "\n\n")
        #expect(try mask("", format, two).isEmpty)
    }

    @Test(arguments: [text, csv])
    func `the header passes and has the width of the rows`(format: CopyMasker.Format) throws {
        let delimiter = format == Self.text ? "\t" : ","
        let withHeader: CopyMasker.Format =
            format == Self.text
            ? .text(delimiter: 0x09, null: Array("\\N".utf8), hasHeader: true)
            : .csv(delimiter: 0x2c, quote: 0x22, escape: 0x22, null: [], hasHeader: true)
        let data = "name\(delimiter)id\nAnn\(delimiter)1\n"
        #expect(
            try mask(data, withHeader, [Self.redact, nil])
                == "name\(delimiter)id\n[redacted]\(delimiter)1\n")
        #expect(throws: MaskingError.columnCountMismatch(expected: 2, found: 1)) {
            try mask("name\n", withHeader, [Self.redact, nil])
        }
    }

    @Test
    func `a field to be transformed has a limit, one to be redacted has none`() throws {
        let hash = ColumnMasker(.hash(key: nil), OID.text)
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: CopyMasker.maximumFieldLength)
        let lineEnd = [UInt8(ascii: "\n")]
        for format in [Self.text, Self.csv] {
            #expect(try CopyMasker.mask(longest + lineEnd, format: format, columns: [hash]).count == 65)
            #expect(throws: MaskingError.copyFieldTooLong) {
                try CopyMasker.mask(longest + [0x78], format: format, columns: [hash])
            }
            let redacted = try CopyMasker.mask(
                longest + [0x78] + lineEnd, format: format, columns: [Self.redact], chunk: 1 << 20)
            #expect(redacted == Array("[redacted]\n".utf8))
        }
        let header = Array(try CopySample.file("copy.binary").prefix(19))
        let tooLong = header + [0, 1] + [UInt8](bigEndian: Int32(longest.count + 1))
        #expect(throws: MaskingError.copyFieldTooLong) {
            try CopyMasker.mask(tooLong, format: .binary, columns: [hash])
        }
        let redacted = try CopyMasker.mask(
            tooLong + longest + [0x78, 0xff, 0xff], format: .binary, columns: [Self.redact], chunk: 1 << 20)
        #expect(redacted.count == 19 + 2 + 4 + 10 + 2)
    }

    @Test
    func `nothing passes after malformed data`() throws {
        var masker = try CopyMasker(format: Self.text, columns: [nil])
        var out: [UInt8] = []
        let data = Array("a\tb\n".utf8)
        #expect(throws: MaskingError.columnCountMismatch(expected: 1, found: 2)) {
            try masker.append(data.span, to: &out)
        }
        let count = out.count
        #expect(throws: MaskingError.malformedCopyData) { try masker.append(data.span, to: &out) }
        #expect(out.count == count)
        #expect(throws: MaskingError.malformedCopyData) { try masker.finish() }
    }

    @Test
    func `binary data of another shape is refused`() throws {
        let data = try CopySample.file("copy.binary")
        let columns = CopySample.all[4].columns
        for index in 0..<19 {
            var other = data
            other[index] ^= 1
            #expect(throws: MaskingError.malformedCopyData) {
                try CopyMasker.mask(other, format: .binary, columns: columns)
            }
        }
        var wide = data
        wide[20] = 6
        #expect(throws: MaskingError.columnCountMismatch(expected: 5, found: 6)) {
            try CopyMasker.mask(wide, format: .binary, columns: columns)
        }
        var negative = data
        negative.replaceSubrange(21..<25, with: [0xff, 0xff, 0xff, 0xfe])
        #expect(throws: MaskingError.malformedCopyData) {
            try CopyMasker.mask(negative, format: .binary, columns: columns)
        }
        #expect(throws: MaskingError.malformedCopyData) {
            try CopyMasker.mask(data + [0], format: .binary, columns: columns)
        }
        #expect(throws: MaskingError.malformedCopyData) {
            try CopyMasker.mask([], format: .binary, columns: columns)
        }
    }

    /// No input may trap, and chunks may not matter: quick, seeded mutations of what the server wrote.
    @Test(arguments: CopySample.all)
    func `mutated data is masked or refused, in chunks as in one piece`(sample: CopySample) throws {
        var random = SeededGenerator(seed: 23)
        let data = try sample.data
        let special = Array("\n\r\t\\,;|\"'N".utf8) + [0, 0xff]
        for _ in 0..<400 {
            var mutated = data
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<mutated.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: mutated.remove(at: index)
                case 1: mutated.insert(special.randomElement(using: &random) ?? 0, at: index)
                default: mutated[index] = .random(in: 0...255, using: &random)
                }
            }
            let chunk = Int.random(in: 1...40, using: &random)
            let whole = Result { () throws(MaskingError) in
                try CopyMasker.mask(mutated, format: sample.format, columns: sample.columns)
            }
            let parts = Result { () throws(MaskingError) in
                try CopyMasker.mask(mutated, format: sample.format, columns: sample.columns, chunk: chunk)
            }
            #expect(whole == parts)
        }
    }
}
