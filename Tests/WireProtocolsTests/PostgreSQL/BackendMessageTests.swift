import Testing

@testable import WireProtocols

struct BackendMessageTests {
    private let id = ColumnType(table: 16_384, attribute: 1, type: 23, typeLength: 4)
    private let note = ColumnType(
        table: .max, attribute: -3, type: 1043, typeLength: -1, typeModifier: 24, format: .binary)

    @Test
    func `RowDescription holds names and types`() throws {
        let body = try body(BackendMessageType.rowDescription) {
            RowDescription.write([(Array("id".utf8), id), ([], note)], to: &$0)
        }
        let columns = try RowDescription(body.span).columns
        #expect(columns.map { body.text($0.name) } == ["id", ""])
        #expect(columns.map(\.type) == [id, note])
        expectNoOtherLength(body) { _ = try RowDescription($0) }
    }

    @Test
    func `a real server's columns are told by table and attribute`() throws {
        let bodies = try messages(in: Recording.session.server, of: BackendMessageType.rowDescription)
        let first = bodies[0]
        let columns = try RowDescription(first.span).columns
        #expect(columns.map { first.text($0.name) } == ["id", "note", "next", "?column?"])
        #expect(columns.map(\.type.attribute) == [1, 2, 0, 0])
        #expect(columns.map { $0.type.table != 0 } == [true, true, false, false])
        #expect(columns.map(\.type.type) == [23, 1043, 23, 25])
        #expect(columns.map(\.type.typeLength) == [4, -1, 4, -1])
        #expect(columns.map(\.type.typeModifier) == [-1, 24, -1, -1])
        let formats = try bodies.map { try RowDescription($0.span).columns.map(\.type.format) }
        #expect(formats[2] == [.text, .text])
        #expect(formats[3] == [.binary, .binary])
    }

    @Test
    func `ParameterDescription holds types`() throws {
        let body = try body(BackendMessageType.parameterDescription) {
            ParameterDescription.write([23, 0, .max], to: &$0)
        }
        #expect(try ParameterDescription(body.span).types == [23, 0, .max])
        expectNoOtherLength(body) { _ = try ParameterDescription($0) }
    }

    private func values(_ body: Span<UInt8>) throws -> [[UInt8]?] {
        var row = try DataRow(body)
        var values: [[UInt8]?] = []
        for _ in 0..<row.columnCount { values.append(try row.next().map { body.copy($0) }) }
        try row.finish()
        return values
    }

    @Test
    func `DataRow is walked column by column`() throws {
        let row: [[UInt8]?] = [[1, 2], nil, [], [0xff]]
        let body = try body(BackendMessageType.dataRow) { DataRow.write(row, to: &$0) }
        #expect(try values(body.span) == row)
        expectNoOtherLength(body) { _ = try values($0) }
    }

    @Test
    func `a row with a column of impossible length is refused`() {
        #expect(throws: WireError.valueOutOfRange(-2)) {
            _ = try values([0, 1, 0xff, 0xff, 0xff, 0xfe].span)
        }
        #expect(throws: WireError.truncated) { _ = try values([0, 1, 0x7f, 0xff, 0xff, 0xff, 0].span) }
        #expect(throws: WireError.truncated) { _ = try values([0xff, 0xff, 0, 0, 0, 0].span) }
    }

    @Test
    func `a real server's rows are walked`() throws {
        let rows = try messages(in: Recording.session.server, of: BackendMessageType.dataRow)
            .map { try values($0.span) }
        #expect(rows[0] == ["1", "a", "2", "ä"].map { Array($0.utf8) })
        #expect(rows[1][1] == nil)
        #expect(rows[2] == [[0, 0, 0, 10], nil])
    }

    @Test
    func `DiagnosticFields are written in the server's order`() throws {
        let fields = DiagnosticFields(
            .error, sqlState: "42501", message: "denied", detail: "why", hint: "how", position: 8)
        let body = try body(BackendMessageType.errorResponse) { fields.writeErrorResponse(to: &$0) }
        #expect(body.text(body.indices) == "SERROR\0VERROR\0C42501\0Mdenied\0Dwhy\0Hhow\0P8\0\0")
        let report = try DiagnosticReport(body.span)
        #expect(report[.sqlState].map(body.text) == "42501")
        #expect(report[.position].map(body.text) == "8")
        #expect(report[.context] == nil)
        expectNoOtherLength(body) { _ = try DiagnosticReport($0) }
    }

    @Test
    func `a notice has the same fields`() throws {
        let fields = DiagnosticFields(.notice, sqlState: "00000", message: "held")
        let body = try body(BackendMessageType.noticeResponse) { fields.writeNoticeResponse(to: &$0) }
        #expect(body.text(body.indices) == "SNOTICE\0VNOTICE\0C00000\0Mheld\0\0")
    }

    @Test
    func `a report has at most so many fields`() throws {
        let field = Array("Dx\0".utf8)
        let most = Array([[UInt8]](repeating: field, count: DiagnosticReport.maximumFieldCount).joined())
        #expect(try DiagnosticReport((most + [0]).span).fields.count == DiagnosticReport.maximumFieldCount)
        #expect(throws: WireError.valueOutOfRange(DiagnosticReport.maximumFieldCount + 1)) {
            _ = try DiagnosticReport((most + field + [0]).span)
        }
    }

    @Test
    func `a real server's notice names the table`() throws {
        let notices = try messages(in: Recording.session.server, of: BackendMessageType.noticeResponse)
        let notice = try #require(notices.first)
        let report = try DiagnosticReport(notice.span)
        #expect(report[.message].map(notice.text) == "beware")
        #expect(report[.table].map(notice.text) == "visit")
        #expect(report.fields.map(\.code.rawValue) == Array("SVCMHWtFLR".utf8))
    }

    @Test(arguments: [
        ("SELECT 2", 2), ("INSERT 0 12", 12), ("COPY 0", 0), ("CREATE TABLE", nil), ("", nil), ("12", nil),
        ("SELECT ", nil), ("SELECT -1", nil), ("MOVE 9223372036854775807", Int.max),
        ("MOVE 9223372036854775808", nil), ("MOVE 99999999999999999999", nil), ("SELECT x1", nil),
    ])
    func `CommandComplete's row count is the number it ends with`(tag: String, count: Int?) throws {
        let body = try body(BackendMessageType.commandComplete) { CommandComplete.write(tag.utf8, to: &$0) }
        let complete = try CommandComplete(body.span)
        #expect(body.text(complete.tag) == tag)
        #expect(complete.rowCount == count)
        expectNoOtherLength(body) { _ = try CommandComplete($0) }
    }

    @Test(arguments: [TransactionStatus.idle, .inTransaction, .failed])
    func `ReadyForQuery tells the transaction's status`(status: TransactionStatus) throws {
        let body = try body(BackendMessageType.readyForQuery) { ReadyForQuery.write(status, to: &$0) }
        #expect(try ReadyForQuery.status(in: body.span) == status)
        expectNoOtherLength(body) { _ = try ReadyForQuery.status(in: $0) }
    }

    @Test
    func `another transaction status is refused`() {
        #expect(throws: WireError.valueOutOfRange(0x58)) { _ = try ReadyForQuery.status(in: [0x58].span) }
    }

    @Test
    func `ParameterStatus and NotificationResponse hold two strings`() throws {
        let body1 = try body(BackendMessageType.parameterStatus) {
            ParameterStatus.write(name: "TimeZone".utf8, value: "UTC".utf8, to: &$0)
        }
        let status = try ParameterStatus(body1.span)
        #expect(body1.text(status.name) == "TimeZone")
        #expect(body1.text(status.value) == "UTC")
        expectNoOtherLength(body1) { _ = try ParameterStatus($0) }

        let body2 = try body(BackendMessageType.notificationResponse) {
            NotificationResponse.write(processID: -7, channel: "news".utf8, payload: "".utf8, to: &$0)
        }
        let notification = try NotificationResponse(body2.span)
        #expect(notification.processID == -7)
        #expect(body2.text(notification.channel) == "news")
        #expect(notification.payload.isEmpty)
        expectNoOtherLength(body2) { _ = try NotificationResponse($0) }
    }

    @Test(arguments: [(3, false), (4, true), (32, true), (256, true), (257, false)])
    func `BackendKeyData's key has 4 to 256 bytes`(length: Int, isAllowed: Bool) throws {
        let key = [UInt8](repeating: 7, count: length)
        let body = try body(BackendMessageType.backendKeyData) {
            BackendKeyData.write(processID: 12, secretKey: key, to: &$0)
        }
        if isAllowed {
            let data = try BackendKeyData(body.span)
            #expect(data.processID == 12)
            #expect(Array(body[data.secretKey]) == key)
        } else {
            #expect(throws: WireError.valueOutOfRange(length)) { _ = try BackendKeyData(body.span) }
        }
    }

    @Test(arguments: [BackendMessageType.copyInResponse, .copyOutResponse, .copyBothResponse])
    func `COPY responses hold formats`(type: BackendMessageType) throws {
        let body = try body(type) {
            CopyResponse.write(type, format: .binary, columnFormats: [.binary, .text], to: &$0)
        }
        let response = try CopyResponse(body.span)
        #expect(response.format == .binary)
        #expect(response.columnFormats == [.binary, .text])
        expectNoOtherLength(body) { _ = try CopyResponse($0) }
        #expect(throws: WireError.valueOutOfRange(2)) { _ = try CopyResponse([2, 0, 0].span) }
    }

    @Test
    func `FunctionCallResponse holds a value or NULL`() throws {
        let body1 = try body(BackendMessageType.functionCallResponse) {
            FunctionCallResponse.write([1, 2], to: &$0)
        }
        #expect(try FunctionCallResponse(body1.span).value == 4..<6)
        expectNoOtherLength(body1) { _ = try FunctionCallResponse($0) }
        let body2 = try body(BackendMessageType.functionCallResponse) {
            FunctionCallResponse.write(nil, to: &$0)
        }
        #expect(try FunctionCallResponse(body2.span).value == nil)
    }

    @Test
    func `NegotiateProtocolVersion holds a version and names`() throws {
        let body1 = try body(BackendMessageType.negotiateProtocolVersion) {
            NegotiateProtocolVersion.write(.newest, unrecognizedOptions: [Array("_pq_.x".utf8)], to: &$0)
        }
        let answer = try NegotiateProtocolVersion(body1.span)
        #expect(answer.version == .newest)
        #expect(answer.unrecognizedOptions.map(body1.text) == ["_pq_.x"])
        expectNoOtherLength(body1) { _ = try NegotiateProtocolVersion($0) }
        let minorOnly: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 0]
        #expect(try NegotiateProtocolVersion(minorOnly.span).version == .newest)
        #expect(throws: WireError.valueOutOfRange(-1)) {
            _ = try NegotiateProtocolVersion([0, 3, 0, 0, 0xff, 0xff, 0xff, 0xff].span)
        }
        #expect(throws: WireError.truncated) {
            _ = try NegotiateProtocolVersion([0, 3, 0, 0, 0x7f, 0xff, 0xff, 0xff].span)
        }
    }

    @Test(arguments: [
        Authentication.ok, .cleartextPassword, .md5Password(salt: [1, 2, 3, 4]),
        .sasl(mechanisms: [Array("SCRAM-SHA-256-PLUS".utf8), Array("SCRAM-SHA-256".utf8)]),
        .saslContinue([1, 2]), .saslFinal([]), .unsupported(code: 7),
    ])
    func `Authentication requests are read as written`(request: Authentication) throws {
        let body = try body(BackendMessageType.authentication) { request.write(to: &$0) }
        #expect(try Authentication(body.span) == request)
    }

    @Test
    func `Authentication requests have their length`() {
        for request in [
            Authentication.ok, .cleartextPassword, .md5Password(salt: [1, 2, 3, 4]),
            .sasl(mechanisms: [Array("X".utf8)]),
        ] {
            expectNoOtherLength(Array(request.message.dropFirst(5))) { _ = try Authentication($0) }
        }
    }
}
