import API
import SeededRandomness
import Testing

@testable import Masking

struct ColumnMaskerTests {
    @Test(arguments: [
        OID.bool, OID.float8, OID.money, OID.inet, OID.textArray, OID.interval, OID.numeric, OID.tsvector,
        OID.unknownExtension, 0,
    ])
    func `a type without a neutral value becomes NULL whatever the action`(type: UInt32) {
        for action in Sample.actions {
            for isBinary in [false, true] {
                #expect(ColumnMasker(action, type, isBinary: isBinary).mask("1") == nil)
            }
        }
    }

    @Test
    func `an action that does not apply to the type redacts`() {
        #expect(ColumnMasker(.generalize(.zip3), OID.int4).mask("2139") == nil)
        #expect(ColumnMasker(.generalize(.year), OID.int4).mask("1980") == nil)
        #expect(ColumnMasker(.dateShift(maximumDays: 3, key: nil), OID.int4).mask("1980") == nil)
        #expect(ColumnMasker(.hash(key: nil), OID.date).mask("1980-05-17") == nil)
        #expect(ColumnMasker(.generalize(.ageBand(width: 10)), OID.date).mask("1980-05-17") == nil)
        let partial = MaskingAction.partial(keepFirst: 1, keepLast: 1, maskCharacter: "*")
        #expect(ColumnMasker(partial, OID.uuid).mask("f47ac10b-58cc-4372-a567-0e02b2c3d479") == nil)
        #expect(ColumnMasker(partial, OID.json).mask("[1, 2]") == "\"[redacted]\"")
    }

    @Test
    func `a key that is not there redacts`() {
        let missing = SecretKeyReference(name: "masking", key: "other")
        let actions: [MaskingAction] = [
            .hash(key: missing), .tokenize(key: missing), .dateShift(maximumDays: 3, key: missing),
        ]
        for action in actions {
            #expect(ColumnMasker(action, OID.text).mask("1980-05-17") == "[redacted]")
            for type in [OID.int4, OID.date, OID.uuid, OID.bytea] {
                #expect(ColumnMasker(action, type).mask("1980-05-17") == nil)
            }
        }
    }

    @Test
    func `another secret and another purpose give other pseudonyms`() {
        let action = MaskingAction.hash(key: nil)
        let masks = [
            ColumnMasker(action, OID.int8).mask("1234567890123"),
            ColumnMasker(.tokenize(key: nil), OID.int8).mask("1234567890123"),
            ColumnMasker(.hash(key: Sample.secret), OID.int8).mask("1234567890123"),
            ColumnMasker(action: action, type: OID.int8, isBinary: false, keys: Sample.otherKeys)
                .mask("1234567890123"),
        ]
        #expect(Set(masks).count == 4)
        // A secret of a policy does not depend on the gateway's own.
        let other = ColumnMasker(
            action: .hash(key: Sample.secret), type: OID.int8, isBinary: false, keys: Sample.otherKeys)
        #expect(other.mask("1234567890123") == masks[2])
    }

    @Test
    func `a short key is refused and no key is ever printed`() throws {
        #expect(throws: MaskingError.keyTooShort(byteCount: 31)) {
            try MaskingKeys(gateway: [UInt8](repeating: 1, count: 31))
        }
        #expect(throws: MaskingError.keyTooShort(byteCount: 0)) {
            try MaskingKeys(gateway: [UInt8](repeating: 1, count: 32), secrets: [Sample.secret: []])
        }
        var dumped = ""
        dump(Sample.keys, to: &dumped)
        #expect("\(Sample.keys)" == "‹redacted›")
        #expect(!dumped.contains("7") && !dumped.contains("masking"))
    }

    /// Random values of each type: the same mask twice, and nothing of the value beyond what may stay.
    @Test
    func `no value comes through`() {
        var random = SeededGenerator(seed: 20)
        for _ in 0..<400 {
            let text = String(
                (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    "abcXYZ0189-,é中🙂 ".randomElement(using: &random) ?? "a"
                })
            for action in Sample.actions {
                let masker = ColumnMasker(action, OID.text)
                let mask = masker.mask(text)
                #expect(mask == masker.mask(text))
                let scalars = Array(text.unicodeScalars)
                // The longest run that may stay, or be met by chance in a hash.
                let kept: Int
                switch action {
                case .partial: kept = 2
                case .tokenize:
                    // Punctuation stays, and a letter or digit may be met by chance.
                    #expect(mask != text)
                    continue
                default: kept = 5
                }
                for start in scalars.indices where start + kept < scalars.count {
                    var run = String.UnicodeScalarView()
                    run.append(contentsOf: scalars[start...start + kept])
                    #expect(mask?.contains(String(run)) != true, "\(action)")
                }
            }
        }
    }

    @Test
    func `text and binary tell the same number and day`() throws {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<300 {
            let number =
                Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
            let day = Int64.random(in: -730_000...2_900_000, using: &random)
            var date: [UInt8] = []
            try #require(CalendarDate(dayNumber: day)).append(to: &date)
            for action in Sample.actions {
                let text = ColumnMasker(action, OID.int8).mask(String(number))
                let binary = ColumnMasker(action, OID.int8, isBinary: true).mask(.init(bigEndian: number))
                #expect(
                    text.flatMap { Int64($0) } == binary.map { Int64(bitPattern: $0.span.bigEndianNumber) })
                let textDay = ColumnMasker(action, OID.date).mask(date)
                let binaryDay = ColumnMasker(action, OID.date, isBinary: true).mask(
                    .init(bigEndian: Int32(day)))
                let told = textDay.flatMap { dayNumber(of: $0) }
                #expect(told.map { [UInt8](bigEndian: Int32($0)) } == binaryDay)
            }
        }
    }
}
