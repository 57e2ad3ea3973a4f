import API
import Audit
import Cryptography
import Testing

struct RecordCodingTests {
    private func encode(_ event: AuditEvent, after previous: Digest = .zero) -> [UInt8] {
        var encoder = RecordEncoder(continuing: previous)
        encoder.encode(
            event, sequence: 12, time: Timestamp(microsecondsSinceEpoch: Samples.time), clockBehind: 0)
        return encoder.line
    }

    @Test(arguments: Samples.events)
    func `every event is read as it was written`(event: AuditEvent) throws {
        let line = encode(event)
        #expect(line.last == UInt8(ascii: "\n"))
        let record = try RecordDecoder(line.dropLast()).record()
        #expect(record.content == .event(event.body))
        #expect(record.session == event.session)
        #expect(record.sequence == 12)
        #expect(record.time.text == "2026-11-23T12:20:31.000001Z")
    }

    @Test
    func `a record's text is what the format says`() throws {
        let line = String(decoding: encode(Samples.statement(3, text: "SELECT 'x'")), as: UTF8.self)
        let hashed =
            #"{"seq":12,"time":"2026-11-23T12:20:31.000001Z","#
            + #""session":"0123456789abcdeffedcba9876543210","#
            + #""type":"statement","number":3,"channel":"Query","verdict":"Allow","text":"SELECT 'x'""#
        let hash = SHA256.digest(of: [UInt8](repeating: 0, count: 32) + Array(hashed.utf8))
        #expect(line == hashed + #","hash":""# + Hexadecimal.encode(hash) + "\"}\n")
    }

    @Test
    func `hostile text stays within its string`() throws {
        let text = "x\",\"type\":\"forged\"}\n{\"seq\":1}\u{1b}[2J\u{9b}0m\u{202e}\u{2028}\0é€😀\\"
        let line = encode(Samples.statement(1, text: text))
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(!line.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
        #expect(
            !String(decoding: line, as: UTF8.self).unicodeScalars.contains {
                $0.value == 0x9b || $0.value == 0x202e
            })
        guard case .event(.statement(let intent)) = try RecordDecoder(line.dropLast()).record().content else {
            Issue.record("not a statement")
            return
        }
        #expect(intent.text == Array(text.utf8))
    }

    @Test(arguments: 0...16)
    func `a byte is written the same wherever it stands`(place: Int) throws {
        for byte in UInt8(0)...0x7f {
            let text = [UInt8](repeating: UInt8(ascii: "a"), count: place) + [byte] + Array("aaaaaaaaa".utf8)
            let line = encode(Samples.statement(1, text: String(decoding: text, as: UTF8.self)))
            #expect(!line.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
            let record = try RecordDecoder(line.dropLast()).record()
            guard case .event(.statement(let intent)) = record.content else { continue }
            #expect(intent.text == text)
        }
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x41, 0xc3],
        ] as [[UInt8]])
    func `what is not UTF-8 becomes replacement characters`(bytes: [UInt8]) throws {
        var event = Samples.statement(1)
        guard case .statement(var intent) = event.body else { return }
        intent.text = bytes
        event.body = .statement(intent)
        let line = encode(event)
        #expect(String(validating: line, as: UTF8.self) != nil)
        guard case .event(.statement(let read)) = try RecordDecoder(line.dropLast()).record().content else {
            return
        }
        let isAllReplaced = read.text.allSatisfy { [0xef, 0xbf, 0xbd, 0x41].contains($0) }
        #expect(isAllReplaced)
    }

    @Test
    func `the largest event fits a record and tells what it left out`() throws {
        let long = String(repeating: "\u{1}", count: 100_000)
        let many = Array(repeating: "\u{1}", count: 100_000) + [long]
        let intent = StatementIntent(
            number: .max, channel: .functionCall, text: Array(long.utf8), isTextRedacted: true,
            digest: [UInt8](repeating: 1, count: 32),
            summary: StatementSummary(effects: many, relations: many, masks: many), verdict: .refuse,
            rule: long, requestID: long, parameters: many)
        let line = encode(AuditEvent(session: Samples.session, body: .statement(intent)))
        #expect(line.count <= Record.maximumLength)
        #expect(String(decoding: line, as: UTF8.self).contains(#","omitted":"#))
        _ = try RecordDecoder(line.dropLast()).record()
    }

    @Test
    func `a member that is cut ends with a whole character`() throws {
        let event = AuditEvent(
            session: .gateway,
            body: .gatewayStarted(GatewayStarted(version: String(repeating: "€", count: 4000))))
        guard
            case .event(.gatewayStarted(let started)) = try RecordDecoder(encode(event).dropLast()).record()
                .content
        else { return }
        #expect(started.version == String(repeating: "€", count: 2730))
    }

    @Test
    func `types of later versions are records too`() throws {
        var line = Array(
            (#"{"seq":9,"time":"2026-11-23T12:20:31.000001Z","type":"negotiation","by":["a",{"b":-1}],"ok":true,"#
                + #""none":null,"hash":""#).utf8)
        line += Array((String(repeating: "0", count: 64) + #""}"#).utf8)
        #expect(try RecordDecoder(line).record().content == .other(type: "negotiation"))
    }

    @Test(arguments: [
        #"{"seq":01,"time":"2026-11-23T12:20:31.000001Z","type":"x""#,
        #"{"seq":18446744073709551616,"time":"2026-11-23T12:20:31.000001Z","type":"x""#,
        #"{"seq":1,"time":"2026-02-30T12:20:31.000001Z","type":"x""#,
        #"{"seq":1,"time":"2026-11-23T12:20:31Z","type":"x""#,
        #"{"seq":1,"time":"2026-11-23T12:20:31.000001Z","type":"x","y":1 "#,
        #"{"seq":1,"time":"2026-11-23T12:20:31.000001Z","type":"x","y":"\ud800""#,
        #"{"seq":1,"time":"2026-11-23T12:20:31.000001Z","type":"sessionEnded""#,
        #"{"seq":1,"time":"2026-11-23T12:20:31.000001Z","session":"00000000000000000000000000000000","type":"x""#,
        #"{"time":"2026-11-23T12:20:31.000001Z","type":"x""#,
        "{\"seq\":1,\"time\":\"2026-11-23T12:20:31.000001Z\",\"type\":\"x\ty\"",
        #"{"seq":1,"time":"2026-11-23T12:20:31.000001Z","type":"x","y":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"#,
    ])
    func `what the format does not have is refused`(text: String) throws {
        let line = Array((text + #","hash":""# + String(repeating: "0", count: 64) + #""}"#).utf8)
        #expect(throws: RecordFault.self) { try RecordDecoder(line).record() }
    }

    @Test
    func `times are read as written and not otherwise`() {
        for microseconds: Int64 in [
            0, 1, 951_782_400_000_000, 1_709_164_800_123_456, 253_402_300_799_999_999,
        ] {
            let time = Timestamp(microsecondsSinceEpoch: microseconds)
            #expect(Timestamp(time.text) == time)
        }
        #expect(Timestamp(microsecondsSinceEpoch: 951_782_400_000_000).text == "2000-02-29T00:00:00.000000Z")
        #expect(Timestamp(microsecondsSinceEpoch: -5).text == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp(microsecondsSinceEpoch: .max).text == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp("2026-11-23T24:00:00.000000Z") == nil)
    }
}
