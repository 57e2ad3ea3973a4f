import API
import Testing

@testable import Masking

struct IntegerMaskTests {
    static let pseudonymous: [MaskingAction] = [.hash(key: nil), .tokenize(key: nil)]

    @Test(arguments: [
        (2, 2, "123456789", "120000089"), (0, 4, "123456789", "6789"), (3, 0, "-123456", "123000"),
        (2, 2, "123", "0"), (1, 0, "7", "0"), (0, 0, "123456", "0"), (-1, 2, "1234", "34"),
        (.max, .max, "1234", "0"),
        (5, 5, "-2147483648", "0"), (2, 3, "-2147483648", "2100000648"),
    ])
    func `partial masks set the other digits to zero`(first: Int, last: Int, text: String, expected: String) {
        let action = MaskingAction.partial(keepFirst: first, keepLast: last, maskCharacter: "*")
        #expect(ColumnMasker(action, OID.int8).mask(text) == expected)
    }

    @Test
    func `the extremes of each type keep within it`() throws {
        let action = MaskingAction.partial(keepFirst: 5, keepLast: 0, maskCharacter: "*")
        #expect(ColumnMasker(action, OID.int4).mask("-2147483648") == "2147400000")
        #expect(ColumnMasker(action, OID.int2).mask("-32768") == "0")
        for action in Self.pseudonymous {
            for value in ["-9223372036854775808", "9223372036854775807"] {
                let mask = try #require(ColumnMasker(action, OID.int8).mask(value))
                #expect(mask.count == 19 && Int64(mask) != nil && mask != value)
            }
            for value in ["-32768", "32767", "12345"] {
                let mask = try #require(ColumnMasker(action, OID.int2).mask(value))
                #expect(mask.count == 5 && Int16(mask) != nil && mask != value)
            }
        }
    }

    @Test(arguments: pseudonymous)
    func `a pseudonym has as many digits and is another number`(action: MaskingAction) throws {
        let masker = ColumnMasker(action, OID.int4)
        for value in Array(0...200) + [-5, -10, 2_147_483_647, -2_147_483_648] {
            let mask = try #require(masker.mask(String(value)))
            #expect(mask != String(value))
            #expect(mask.count == String(value.magnitude).count)
            #expect(Int32(mask) != nil)
        }
        #expect(Set((100...999).compactMap { masker.mask(String($0)) }).count > 500)
    }

    @Test(arguments: pseudonymous)
    func `a number has one pseudonym in all widths and formats`(action: MaskingAction) throws {
        let text = try #require(ColumnMasker(action, OID.int8).mask("1234").flatMap { Int64($0) })
        #expect(ColumnMasker(action, OID.int4).mask("1234") == String(text))
        let wide = ColumnMasker(action, OID.int8, isBinary: true)
        #expect(wide.mask(.init(bigEndian: Int64(1_234))) == .init(bigEndian: text))
        let narrow = ColumnMasker(action, OID.int2, isBinary: true)
        #expect(narrow.mask(.init(bigEndian: Int16(1_234))) == .init(bigEndian: Int16(text)))
        let identifier = ColumnMasker(action, OID.oid, isBinary: true)
        #expect(identifier.mask(.init(bigEndian: UInt32(1_234))) == .init(bigEndian: UInt32(text)))
    }

    @Test
    func `ages are rounded down`() {
        let action = MaskingAction.generalize(.ageBand(width: 5))
        #expect(ColumnMasker(action, OID.int2).mask("44") == "40")
        #expect(ColumnMasker(action, OID.int4).mask("104") == "90")
        let binary = ColumnMasker(action, OID.int4, isBinary: true)
        #expect(binary.mask([0, 0, 0, 44]) == [0, 0, 0, 40])
        #expect(binary.mask([0xff, 0xff, 0xff, 0xff]) == nil, "an age below zero is none")
    }

    @Test(arguments: [
        "", "-", "12a", "+5", " 5", "5 ", "1.5", "32768", "-32769", "99999999999999999999", "--1",
    ])
    func `a text that is no int2 becomes NULL`(text: String) {
        for action in Self.pseudonymous { #expect(ColumnMasker(action, OID.int2).mask(text) == nil) }
    }

    @Test(arguments: [[], [1], [0, 0, 1], [0, 0, 0, 0, 1]] as [[UInt8]])
    func `a binary value of another width becomes NULL`(bytes: [UInt8]) {
        for type in [OID.int2, OID.int4, OID.int8, OID.oid] {
            #expect(ColumnMasker(.hash(key: nil), type, isBinary: true).mask(bytes) == nil)
        }
    }
}
