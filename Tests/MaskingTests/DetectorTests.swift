import API
import Glibc
import Testing

@testable import Masking

/// The identifiers of a text as `Kind: text`.
private func found(_ text: String, _ kinds: [IdentifierKind] = IdentifierKind.allCases) -> [String] {
    let bytes = Array(text.utf8)
    return IdentifierScanner(kinds: kinds).findings(in: bytes.span).map {
        "\($0.kind.rawValue): \(String(decoding: bytes[$0.range], as: UTF8.self))"
    }
}

struct DetectorTests {
    @Test(arguments: [
        ("SSN 219-09-9999.", "SSN: 219-09-9999"),
        ("ITIN 900-70-0000", "SSN: 900-70-0000"),
        ("call (617) 555-0123 x12 today", "Phone: (617) 555-0123 x12"),
        ("+44 20 7946 0958,", "Phone: +44 20 7946 0958"),
        ("Fax: 617.555.0123", "Fax: 617.555.0123"),
        ("mail ann.lee+x@mail.example.org.", "Email: ann.lee+x@mail.example.org"),
        ("see https://example.org/a?b=1.", "URL: https://example.org/a?b=1"),
        ("from 192.0.2.17 at noon", "IPAddress: 192.0.2.17"),
        ("from 2001:db8::17 at noon", "IPAddress: 2001:db8::17"),
        ("00:1b:44:11:3a:b7", "Device: 00:1b:44:11:3a:b7"),
        ("paid by 4111 1111 1111 1111", "Account: 4111 1111 1111 1111"),
        ("DE89 3704 0044 0532 0130 00", "Account: DE89 3704 0044 0532 0130 00"),
        ("NPI 1234567893", "License: 1234567893"),
        ("prescriber AB1234563", "License: AB1234563"),
        ("VIN 1M8GDM9AXKP042788", "Vehicle: 1M8GDM9AXKP042788"),
        ("imei 490154203237518", "Device: 490154203237518"),
        ("covered by 1EG4-TE5-MK73", "HealthPlan: 1EG4-TE5-MK73"),
        ("MRN: 00 12 34", "MRN: 00 12 34"),
        ("Medical\nRecord Number 1234567", "MRN: 1234567"),
        ("acct no. 99887766", "Account: 99887766"),
        ("DL# D123-4567-8901", "License: D123-4567-8901"),
        ("License plate: 7ABC 123", "Vehicle: 7ABC 123"),
        ("May 17th, 1980", "Date: May 17th, 1980"),
        ("17-MAY-80", "Date: 17-MAY-80"),
        ("seen 5/17/80", "Date: 5/17/80"),
        ("1980-05-17T10:11:12Z", "Date: 1980-05-17T10:11:12Z"),
        ("a 92-year-old", "Date: 92"),
        ("12 Main Street, Apt 4B", "Address: 12 Main Street, Apt 4B"),
        ("in Springfield, IL 62704-1234", "Address: Springfield, IL 62704-1234"),
        ("Dr. Van der Berg", "Name: Van der Berg"),
        ("then Mary O'Hara left", "Name: Mary O'Hara"),
        ("LEE, MARY", "Name: LEE, MARY"),
        ("photo ward/ann_1.jpg", "Photo: ward/ann_1.jpg"),
        ("fingerprint ID: FP-00012", "Biometric: FP-00012"),
        ("(01)08717648200274(17)261231(21)A123", "Device: (01)08717648200274(17)261231(21)A123"),
    ])
    func `an identifier is found with its kind and its place`(text: String, finding: String) {
        #expect(found(text) == [finding])
    }

    @Test(arguments: [
        "BP 120/80, pulse 72, SpO2 98% on 2 L", "Na 140, K 4.2, glucose 105 mg/dL", "metoprolol 25 mg BID",
        "ICD-10 E11.9, CPT 99213, LOINC 2345-7", "NDC 50580-600-02", "version 1.2.3.4", "pain 7/10",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "order #123456789",
        "900-00-0000", "666-12-3456", "219-00-9999", "4111 1111 1111 1112", "an 89-year-old", "room 1204",
        "10:11:12", "ratio 1:22:33", "born in 1980", "may take 5 mg", "Parkinson disease",
    ])
    func `what is no identifier is left`(text: String) {
        #expect(found(text) == [])
    }

    @Test(arguments: [
        "219\u{2011}09\u{2011}9999", "219\u{2013}09\u{2013}9999", "219\u{a0}09\u{a0}9999", "219 - 09 - 9999",
        "２１９-０９-９９９９", "219\u{200b}-09-\u{200b}9999", "219.09.9999", "\u{661}23-45-6789",
    ])
    func `a number is the same in other dashes, spaces and digits`(text: String) {
        #expect(found(text, [.ssn]) == ["SSN: \(text)"])
    }

    @Test
    func `only the kinds asked for are found`() {
        let text = "Ann Lee, SSN 219-09-9999, ann@example.org"
        #expect(found(text, [.email]) == ["Email: ann@example.org"])
        #expect(found(text, []) == [])
    }

    @Test
    func `a header tells what its column holds`() {
        let table = "id,ssn,mrn,mood\n1,219099999,AB12345,7\n2,219099998,\"AB12346\",8\n"
        #expect(
            found(table) == ["SSN: 219099999", "MRN: AB12345", "SSN: 219099998", "MRN: AB12346"])
    }

    @Test
    func `keys tell what strings and numbers are`() {
        let document =
            #"{"ssn": 219099999, "patient": {"name": "ann lee", "age": 93}, "drug": {"name": "aspirin"}}"#
        #expect(found(document) == ["SSN: 219099999", "Name: ann lee", "Date: 93"])
    }

    @Test(arguments: [
        "@", "a@", "1-", "((((", "+1", "1 ", "a:", "::", "MRN ", "May ", "A1", "{\"", "[", "\\u0031", ".png",
    ])
    func `time is linear in the length of any text`(piece: String) {
        let short = Array(String(repeating: piece, count: 20_000).utf8)
        let long = Array(String(repeating: piece, count: 160_000).utf8)
        let scanner = IdentifierScanner(kinds: IdentifierKind.allCases)
        _ = scanner.findings(in: short.span)
        let base = processorTime { _ = scanner.findings(in: short.span) }
        // Eight times the text; a quadratic scan would take 64 times the time.
        #expect(processorTime { _ = scanner.findings(in: long.span) } < base * 30 + 0.2)
    }

    /// In seconds, of this thread alone, whatever else the machine does.
    private func processorTime(of body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        body()
        return now() - start
    }
}

struct IdentifierMaskerTests {
    private let redactAll = Dictionary(
        uniqueKeysWithValues: IdentifierKind.allCases.map { ($0, MaskingAction.redact) })

    private func mask(
        _ value: [UInt8], _ type: UInt32, modifier: Int32 = -1, isBinary: Bool = false,
        actions: [IdentifierKind: MaskingAction]? = nil, column: String = ""
    ) -> [UInt8]? {
        let search = IdentifierSearch(actions: actions ?? redactAll, column: column)
        guard
            let masker = ColumnMasker(
                search, type: type, typeModifier: modifier, isBinary: isBinary, keys: Sample.keys)
        else { return value }
        return masker.mask(value)
    }

    private func mask(
        _ value: String, _ type: UInt32 = OID.text, modifier: Int32 = -1,
        actions: [IdentifierKind: MaskingAction]? = nil, column: String = ""
    ) -> String? {
        mask(Array(value.utf8), type, modifier: modifier, actions: actions, column: column)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test
    func `the rest of a text stays`() {
        #expect(mask("SSN 219-09-9999, BP 120/80.") == "SSN [redacted], BP 120/80.")
        #expect(mask("BP 120/80.") == "BP 120/80.")
        #expect(mask("") == "")
    }

    @Test
    func `the action applies to the piece`() {
        let partial = MaskingAction.partial(keepFirst: 0, keepLast: 4, maskCharacter: "*")
        #expect(mask("SSN 219-09-9999.", actions: [.ssn: partial]) == "SSN *******9999.")
        #expect(mask("seen 5/17/1980.", actions: [.date: .generalize(.year)]) == "seen 1980.")
        #expect(mask("seen 5/17/1980.", actions: [.date: .null]) == "seen [redacted].")
        let hash = ColumnMasker(.hash(key: nil), OID.text).mask("219-09-9999") ?? ""
        #expect(mask("SSN 219-09-9999.", actions: [.ssn: .hash(key: nil)]) == "SSN \(hash).")
    }

    @Test
    func `a document stays one`() {
        for type in [OID.json, OID.jsonb, OID.text] {
            #expect(
                mask(#"{"note": "SSN 219-\u0030\u0039-9999 \n\"ok\"", "ssn": 219099999, "k": 4.5}"#, type)
                    == #"{"note": "SSN [redacted] \n\"ok\"", "ssn": "[redacted]", "k": 4.5}"#)
        }
        let quote = MaskingAction.partial(keepFirst: 0, keepLast: 4, maskCharacter: "\"")
        #expect(
            mask(#"{"ssn": "219-09-9999"}"#, OID.json, actions: [.ssn: quote])
                == #"{"ssn": "\"\"\"\"\"\"\"9999"}"#)
        #expect(
            mask([1] + Array(#"{"ssn": "219-09-9999"}"#.utf8), OID.jsonb, isBinary: true)
                == [1] + Array(#"{"ssn": "[redacted]"}"#.utf8))
    }

    @Test
    func `nesting beyond the limit is redacted, up to it is read`() {
        let atLimit =
            String(repeating: "[", count: 128) + "\"219-09-9999\"" + String(repeating: "]", count: 128)
        #expect(mask(atLimit)?.contains("[redacted]\"]") == true)
        #expect(mask("[" + atLimit + "]") == "[redacted]")
        #expect(mask("[" + atLimit + "]", OID.jsonb) == "\"[redacted]\"")
    }

    @Test
    func `arrays and composites keep their form`() {
        #expect(
            mask(#"{plain,"a, 219-09-9999",219-09-9998}"#, OID.textArray)
                == #"{plain,"a, [redacted]",[redacted]}"#)
        #expect(mask(#"(7,"SSN 219-09-9999",)"#, OID.unknownExtension) == #"(7,"SSN [redacted]",)"#)
        let comma = MaskingAction.partial(keepFirst: 0, keepLast: 4, maskCharacter: ",")
        #expect(mask("{219-09-9999}", OID.textArray, actions: [.ssn: comma]) == "{[redacted]}")
        #expect(mask(#"{"{\"a\": \"\\u0032\"}"}"#, OID.textArray) == nil)
    }

    @Test
    func `a binary array keeps its framing`() {
        func array(_ elements: [String?]) -> [UInt8] {
            [UInt8](bigEndian: Int32(1)) + [UInt8](bigEndian: Int32(1)) + [UInt8](bigEndian: OID.text)
                + [UInt8](bigEndian: Int32(elements.count)) + [UInt8](bigEndian: Int32(1))
                + elements.flatMap { element in
                    guard let element else { return [UInt8](bigEndian: Int32(-1)) }
                    return [UInt8](bigEndian: Int32(element.utf8.count)) + Array(element.utf8)
                }
        }
        #expect(
            mask(array(["ok", nil, "SSN 219-09-9999"]), OID.textArray, isBinary: true)
                == array(["ok", nil, "SSN [redacted]"]))
        #expect(mask(Array(array(["219-09-9999"]).dropLast()), OID.textArray, isBinary: true) == nil)
    }

    @Test
    func `what cannot be rewritten is redacted whole`() {
        #expect(mask(Array("\0\0\0\u{2}219-09-9999".utf8), OID.unknownExtension, isBinary: true) == nil)
        #expect(mask(Array("\0\0\0\u{2}ok".utf8), OID.unknownExtension, isBinary: true) != nil)
        // Longer than the column may be.
        #expect(mask("at a@b.de", OID.varchar, modifier: 4 + 10) == "[redacted]")
        #expect(mask("id 1", OID.int4) == "id 1")
    }

    @Test
    func `padding stays the width's`() {
        #expect(mask("219-09-9999    ", OID.bpchar, modifier: 4 + 15) == "[redacted]     ")
    }

    @Test
    func `a column's name tells what short values are`() {
        #expect(mask("ann lee", column: "patient") == "[redacted]")
        #expect(mask("ann lee", column: "mood") == "ann lee")
    }

    @Test
    func `counts say what was replaced`() {
        let tally = DetectionTally()
        let masker = ColumnMasker(
            IdentifierSearch(actions: redactAll, column: "", tally: tally), type: OID.text, isBinary: false,
            keys: Sample.keys)
        _ = masker?.mask("219-09-9999 and 219-09-9998, a@example.org")
        #expect(tally.take() == [.ssn: 2, .email: 1])
        #expect(tally.take() == [:])
    }
}
