import API
import Testing

@testable import Masking

struct TextEncodingTests {
    @Test(arguments: [
        ("utf-8", "UTF8"), ("Unicode", "UTF8"), ("latin-1", "LATIN1"), ("ISO 8859-15", "LATIN9"),
        ("windows-1252", "WIN1252"), ("sql_ascii", "SQL_ASCII"), ("Shift_JIS", "SJIS"), ("euc_jp", "EUC_JP"),
        ("iso_8859_5", "ISO_8859_5"), ("gb18030", "GB18030"), ("shift-jis-2004", "SHIFT_JIS_2004"),
        ("klingon", "klingon"),
    ])
    func `any spelling the server takes names the encoding`(spelling: String, name: String) {
        #expect(TextEncoding(named: spelling).name == name)
        #expect((TextEncoding(named: spelling).kind == .unknown) == (name == "klingon"))
    }

    @Test func `a single-byte text goes to UTF-8 and back`() throws {
        #expect(TextEncoding.upperHalves.count == 27)
        for name in TextEncoding.upperHalves.keys {
            let encoding = TextEncoding(named: name)
            for byte in UInt8.min...UInt8.max {
                guard let text = encoding.utf8(of: [byte].span) else { continue }
                #expect(encoding.encoded(text) == [byte])
            }
        }
        let latin9 = TextEncoding(named: "LATIN9")
        #expect(latin9.encoded(Array("15 €".utf8)) == [0x31, 0x35, 0x20, 0xA4])
        #expect(latin9.encoded(Array("名".utf8)) == nil)
        #expect(TextEncoding(named: "WIN1252").utf8(of: [0x81].span) == nil)
    }

    @Test(arguments: ["LATIN1", "SJIS", "EUC_JP", "SQL_ASCII", "klingon"])
    func `ASCII is masked as in UTF-8 whatever the encoding`(name: String) {
        for action: MaskingAction in [
            .hash(key: nil), .tokenize(key: nil), .partial(keepFirst: 1, keepLast: 1, maskCharacter: "*"),
            .redact, .generalize(.year),
        ] {
            #expect(mask("1980-02-03", action, in: name) == mask("1980-02-03", action, in: "UTF8"))
        }
    }

    @Test func `a value has one pseudonym in every encoding or none`() {
        let text = "Müller-Lüdenscheidt"
        for action: MaskingAction in [.hash(key: nil), .tokenize(key: nil)] {
            #expect(mask(text, action, in: "LATIN1") == mask(text, action, in: "UTF8"))
            #expect(mask(text, action, in: "WIN1252") == mask(text, action, in: "UTF8"))
            #expect(mask([0x95, 0x5C], action, in: "SJIS") == Array("[redacted]".utf8))
            #expect(mask([0xB1, 0xB2], action, in: "EUC_JP") == Array("[redacted]".utf8))
        }
    }

    @Test func `what is kept of a value stays in its encoding`() {
        let ends: MaskingAction = .partial(keepFirst: 1, keepLast: 1, maskCharacter: "•")
        #expect(mask([0xE9, 0x61, 0x61, 0xE8], ends, in: "LATIN1") == [0xE9, 0x2A, 0x2A, 0xE8])
        #expect(mask([0xE9, 0x61, 0x61, 0xE8], ends, in: "WIN1252") == [0xE9, 0x95, 0x95, 0xE8])
        #expect(mask(Array("abcd".utf8), ends, in: "SJIS") == Array("a**d".utf8))
    }

    private func mask(_ text: String, _ action: MaskingAction, in name: String) -> [UInt8] {
        mask(TextEncoding(named: name).encoded(Array(text.utf8)) ?? [], action, in: name)
    }

    private func mask(_ bytes: [UInt8], _ action: MaskingAction, in name: String) -> [UInt8] {
        var out: [UInt8] = []
        let keys = try? MaskingKeys(gateway: [UInt8](repeating: 9, count: 32))
        guard let keys else { return [] }
        let masker = ColumnMasker(
            action: action, type: 25, isBinary: false, keys: keys, encoding: TextEncoding(named: name))
        return masker.mask(bytes.span, into: &out) ? out : []
    }
}
