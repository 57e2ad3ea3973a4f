import API
import Testing

@testable import Masking

struct TextMaskTests {
    @Test(arguments: [OID.text, OID.varchar, OID.name, 705, 2_275])
    func `redacting a text says so, in both formats`(type: UInt32) {
        for isBinary in [false, true] {
            #expect(ColumnMasker(.redact, type, isBinary: isBinary).mask("Ann") == "[redacted]")
            #expect(ColumnMasker(.denyQuery, type, isBinary: isBinary).mask("Ann") == "[redacted]")
            #expect(ColumnMasker(.null, type, isBinary: isBinary).mask("Ann") == nil)
        }
    }

    @Test
    func `a redacted text fits the declared width`() {
        // The modifier is the width and the four bytes of a header.
        #expect(ColumnMasker(.redact, OID.varchar, modifier: 14).mask("Ann") == "[redacted]")
        #expect(ColumnMasker(.redact, OID.varchar, modifier: 13).mask("Ann") == "*********")
        #expect(ColumnMasker(.redact, OID.bpchar, modifier: 5).mask("F") == "*")
        #expect(ColumnMasker(.redact, OID.bpchar, modifier: 16).mask("Ann         ") == "[redacted]  ")
    }

    @Test(arguments: [
        (0, 4, "123-45-6789", "*******6789"), (1, 0, "Ann", "A**"), (2, 2, "Zoë Müller", "Zo******er"),
        (1, 1, "中文名字", "中**字"), (0, 2, "🙂🙂🙂🙂", "**🙂🙂"), (0, 0, "abc", "***"), (-3, 1, "abc", "**c"),
        // Half of the characters may stay, not one more.
        (0, 4, "12345678", "****5678"), (0, 4, "1234567", "*******"), (2, 2, "abc", "***"), (1, 0, "x", "*"),
        (0, 4, "", ""), (.max, .max, "abcdef", "******"), (.max, 0, "abcdef", "******"),
    ])
    func `partial masks keep whole characters and at most half`(
        first: Int, last: Int, text: String, expected: String
    ) {
        let action = MaskingAction.partial(keepFirst: first, keepLast: last, maskCharacter: "*")
        #expect(ColumnMasker(action, OID.text).mask(text) == expected)
    }

    @Test
    func `padding is no part of a char(n)`() {
        let partial = MaskingAction.partial(keepFirst: 2, keepLast: 0, maskCharacter: "*")
        #expect(ColumnMasker(partial, OID.bpchar, modifier: 12).mask("Bo      ") == "**      ")
        #expect(ColumnMasker(partial, OID.bpchar, modifier: 12).mask("Boris   ") == "Bo***   ")
        let hash = ColumnMasker(.hash(key: nil), OID.bpchar, modifier: 104)
        #expect(hash.mask("Bo        ") == hash.mask("Bo"))
        #expect(hash.mask("Bo")?.count == 100)
        let token = ColumnMasker(.tokenize(key: nil), OID.bpchar)
        #expect(token.mask("Bo   ") == token.mask("Bo").map { $0 + "   " })
        #expect(ColumnMasker(.generalize(.zip3), OID.bpchar, modifier: 14).mask("02139     ") == "021       ")
    }

    @Test
    func `a mask character that could break the width is replaced`() {
        let family = MaskingAction.partial(keepFirst: 0, keepLast: 0, maskCharacter: "👩‍👩‍👧")
        #expect(ColumnMasker(family, OID.text).mask("abc") == "***")
        let dot = MaskingAction.partial(keepFirst: 0, keepLast: 0, maskCharacter: "•")
        #expect(ColumnMasker(dot, OID.text).mask("abc") == "•••")
        #expect(ColumnMasker(dot, OID.name).mask("abc") == "***")
        let zero = MaskingAction.partial(keepFirst: 0, keepLast: 0, maskCharacter: "\0")
        #expect(ColumnMasker(zero, OID.text).mask("abc") == "***")
    }

    @Test(arguments: [
        [0x41, 0xff, 0x42, 0x43], [0xc3], [0xed, 0xa0, 0x80, 0x41], [0x80, 0x80, 0x80, 0x80],
    ])
    func `a text that is not UTF-8 is redacted`(bytes: [UInt8]) {
        let partial = MaskingAction.partial(keepFirst: 1, keepLast: 1, maskCharacter: "*")
        for action in [partial, .tokenize(key: nil)] {
            #expect(ColumnMasker(action, OID.text).mask(bytes) == Array("[redacted]".utf8))
        }
    }

    @Test
    func `a hash is HMAC-SHA-256 under the derived key`() {
        // Python: hmac.new(hmac.new(b"\x07" * 32, b"weir masking v1: hash", "sha256").digest(), b"Ann", "sha256")
        let expected = "3f7c664b9c099636d62164c910bfc2435f385f5756b67087ea326a52eaca51ff"
        #expect(ColumnMasker(.hash(key: nil), OID.text).mask("Ann") == expected)
        #expect(
            ColumnMasker(.hash(key: nil), OID.varchar, modifier: 15).mask("Ann")
                == String(expected.prefix(11)))
        #expect(ColumnMasker(.hash(key: nil), OID.name).mask("Ann") == String(expected.prefix(63)))
        #expect(ColumnMasker(.hash(key: nil), OID.text, isBinary: true).mask("Ann") == expected)
    }

    @Test
    func `a token has the shape of its text and is another for another text`() throws {
        let masker = ColumnMasker(.tokenize(key: nil), OID.text)
        let token = try #require(masker.mask("Ann O'Hara, 12-ß"))
        #expect(token.wholeMatch(of: /[A-Z][a-z]{2} [A-Z]'[A-Z][a-z]{3}, [0-9]{2}-[a-z]/) != nil)
        #expect(masker.mask("Ann O'Hara, 12-ß") == token)
        #expect(masker.mask("Ann O'Hara, 13-ß") != token)
        let long = String(repeating: "a", count: 1_000)
        #expect(Set(masker.mask(long) ?? "").count > 20, "the stream does not repeat")
    }

    @Test
    func `no token is the text itself`() {
        let masker = ColumnMasker(.tokenize(key: nil), OID.text)
        for text in (0...9).map(String.init) + (UInt8(97)...122).map({ String(Unicode.Scalar($0)) }) {
            #expect(masker.mask(text) != text)
        }
        for text in ["", "---", " ", "(?)"] { #expect(masker.mask(text) == "[redacted]") }
    }

    @Test
    func `a text too long for a token is redacted`() {
        let masker = ColumnMasker(.tokenize(key: nil), OID.text)
        let longest = String(repeating: "x", count: TokenSource.maximumLength)
        #expect(masker.mask(longest)?.utf8.count == TokenSource.maximumLength)
        #expect(masker.mask(longest + "x") == "[redacted]")
    }

    @Test(arguments: [
        ("1980-05-17", "1980"), ("1980-05-17 10:11:12.5+02", "1980"), ("17.05.1980", "1980"),
        ("5/7/1980", "1980"),
        ("1980/5/7", "1980"), ("1980", "1980"), ("123-45-6789", "[redacted]"), ("12-34-6789", "[redacted]"),
        ("17.05-1980", "[redacted]"), ("17.05.80", "[redacted]"), ("1980-1981-1", "[redacted]"),
        ("May 17, 1980", "[redacted]"), ("19801980", "[redacted]"), ("05.1980", "[redacted]"),
        ("", "[redacted]"),
        ("1.2.3.1980", "[redacted]"), ("..1980", "[redacted]"),
    ])
    func `the year is told of a date and of nothing else`(text: String, expected: String) {
        #expect(ColumnMasker(.generalize(.year), OID.text).mask(text) == expected)
    }

    @Test(arguments: [
        ("02139", "021"), ("02139-4307", "021"), ("00501", "005"), ("03601", "000"), ("89312-0001", "000"),
        ("10200", "000"), ("2139", "[redacted]"), ("123456789", "[redacted]"), ("K1A 0B1", "[redacted]"),
        ("02139 4307", "[redacted]"), ("0213a", "[redacted]"), ("02139-43a7", "[redacted]"),
        ("", "[redacted]"),
    ])
    func `three digits are told of a ZIP code, none of a sparse one`(text: String, expected: String) {
        #expect(ColumnMasker(.generalize(.zip3), OID.text).mask(text) == expected)
    }

    @Test(arguments: [
        ("0", 10, "0"), ("9", 10, "0"), ("10", 10, "10"), ("89", 10, "80"), ("90", 10, "90"),
        ("113", 10, "90"),
        ("89", 20, "80"), ("89", 1, "89"), ("89", 100, "0"), ("-1", 10, "[redacted]"),
        ("4.5", 10, "[redacted]"),
        ("", 10, "[redacted]"), ("30", 0, "[redacted]"), ("30", -5, "[redacted]"),
        ("99999999999999999999", 10, "[redacted]"),
    ])
    func `ages are rounded down, and told no further than 90`(text: String, width: Int, expected: String) {
        #expect(ColumnMasker(.generalize(.ageBand(width: width)), OID.text).mask(text) == expected)
    }

    @Test
    func `a shifted text date keeps its time and moves as a date does`() throws {
        let action = MaskingAction.dateShift(maximumDays: 30, key: nil)
        let text = ColumnMasker(action, OID.text)
        let moved = try #require(ColumnMasker(action, OID.date).mask("1980-05-17"))
        #expect(text.mask("1980-05-17") == moved)
        #expect(text.mask("1980-05-17T10:11:12Z") == moved + "T10:11:12Z")
        #expect(text.mask("1980-05-17 10:11:12.345-05:30") == moved + " 10:11:12.345-05:30")
        for other in [
            "17.05.1980", "1980-05-17 123-45-6789", "1980-05-17x", "1980-02-30", "1980-05-17 24:00:00",
        ] {
            #expect(text.mask(other) == "[redacted]")
        }
    }

    @Test
    func `a long text costs time in proportion to its length`() {
        let text = [UInt8](repeating: UInt8(ascii: "y"), count: 4 << 20)
        let partial = MaskingAction.partial(keepFirst: 100_000, keepLast: 100_000, maskCharacter: "•")
        let mask = ColumnMasker(partial, OID.text).mask(text)
        #expect(mask?.count == 200_000 + 3 * ((4 << 20) - 200_000))
        #expect(ColumnMasker(.hash(key: nil), OID.text).mask(text)?.count == 64)
    }
}
