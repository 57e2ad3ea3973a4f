import API
import Testing

@testable import Masking

struct OctetMaskTests {
    @Test
    func `bytea has one mask in every form`() throws {
        let value: [UInt8] = [0x61, 0x5c, 0x00, 0xff]
        for action in [MaskingAction.hash(key: nil), .tokenize(key: nil)] {
            let binary = try #require(ColumnMasker(action, OID.bytea, isBinary: true).mask(value))
            var text = Array("\\x".utf8)
            text.append(hexadecimal: binary.span)
            let masker = ColumnMasker(action, OID.bytea)
            for form in ["\\x615c00ff", "\\x615C00FF", "a\\\\\\000\\377"] {
                #expect(masker.mask(Array(form.utf8)) == text)
            }
        }
        #expect(ColumnMasker(.hash(key: nil), OID.bytea, isBinary: true).mask(value)?.count == 32)
        #expect(ColumnMasker(.tokenize(key: nil), OID.bytea, isBinary: true).mask(value)?.count == 4)
    }

    @Test
    func `no bytea token is the value itself`() {
        let masker = ColumnMasker(.tokenize(key: nil), OID.bytea, isBinary: true)
        for byte in UInt8.min...UInt8.max { #expect(masker.mask([byte]) != [byte]) }
        #expect(masker.mask([UInt8]()) == nil)
        #expect(masker.mask([UInt8](repeating: 1, count: TokenSource.maximumLength + 1)) == nil)
    }

    @Test(arguments: ["\\x6", "\\x6g", "\\", "a\\", "a\\1", "a\\12", "a\\400", "a\\128", "a\\x41"])
    func `a text that is no bytea becomes NULL`(text: String) {
        #expect(ColumnMasker(.hash(key: nil), OID.bytea).mask(text) == nil)
    }

    @Test(arguments: [MaskingAction.hash(key: nil), .tokenize(key: nil)])
    func `a uuid becomes a keyed one of version 8`(action: MaskingAction) throws {
        let text = try #require(ColumnMasker(action, OID.uuid).mask("f47ac10b-58cc-4372-a567-0e02b2c3d479"))
        #expect(
            text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let value: [UInt8] = [
            0xf4, 0x7a, 0xc1, 0x0b, 0x58, 0xcc, 0x43, 0x72, 0xa5, 0x67, 0x0e, 0x02, 0xb2, 0xc3, 0xd4, 0x79,
        ]
        let binary = try #require(ColumnMasker(action, OID.uuid, isBinary: true).mask(value))
        var digits: [UInt8] = []
        digits.append(hexadecimal: binary.span)
        #expect(String(decoding: digits, as: UTF8.self) == text.filter { $0 != "-" })
    }

    @Test(arguments: [
        "", "f47ac10b58cc4372a5670e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d47",
        "f47ac10b-58cc-4372-a567-0e02b2c3d47g",
        "f47ac10b-58cc-4372-a56700e02b2c3d479",
    ])
    func `a text that is no uuid becomes NULL`(text: String) {
        #expect(ColumnMasker(.tokenize(key: nil), OID.uuid).mask(text) == nil)
        #expect(ColumnMasker(.tokenize(key: nil), OID.uuid, isBinary: true).mask(Array(text.utf8)) == nil)
    }

    @Test
    func `a JSON document becomes a JSON string`() throws {
        let document = "{\"a\": 1}"
        for type in [OID.json, OID.jsonb] {
            #expect(ColumnMasker(.redact, type).mask(document) == "\"[redacted]\"")
            #expect(ColumnMasker(.tokenize(key: nil), type).mask(document) == "\"[redacted]\"")
            let hash = try #require(ColumnMasker(.hash(key: nil), type).mask(document))
            #expect(hash.wholeMatch(of: /"[0-9a-f]{64}"/) != nil)
            let prefix: [UInt8] = type == OID.jsonb ? [1] : []
            let binary = ColumnMasker(.hash(key: nil), type, isBinary: true)
            #expect(binary.mask(prefix + document.utf8) == prefix + hash.utf8)
            #expect(
                ColumnMasker(.redact, type, isBinary: true).mask(document).map { Array($0.utf8) } == prefix
                    + "\"[redacted]\"".utf8)
        }
        // A version of jsonb that is not known is not hashed but redacted.
        let future = ColumnMasker(.hash(key: nil), OID.jsonb, isBinary: true).mask([2, 0x31])
        #expect(future == [1] + "\"[redacted]\"".utf8)
    }
}
