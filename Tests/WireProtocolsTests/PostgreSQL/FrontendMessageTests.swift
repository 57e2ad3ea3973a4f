import Testing

@testable import WireProtocols

struct FrontendMessageTests {
    @Test
    func `Query holds its text`() throws {
        let body = try body(FrontendMessageType.query) { Query.write("select 1".utf8, to: &$0) }
        #expect(body.text(try Query(body.span).text) == "select 1")
        expectNoOtherLength(body) { _ = try Query($0) }
    }

    @Test
    func `a NUL within a query's text does not hide what follows it`() {
        #expect(throws: WireError.trailingBytes(5)) {
            _ = try Query(Array("select 1\0drop\0".utf8).span)
        }
    }

    @Test
    func `Parse holds name, text and types`() throws {
        let body = try body(FrontendMessageType.parse) {
            Parse.write(statement: "s1".utf8, text: "select $1".utf8, parameterTypes: [23, .max], to: &$0)
        }
        let parse = try Parse(body.span)
        #expect(body.text(parse.statement) == "s1")
        #expect(body.text(parse.text) == "select $1")
        #expect(parse.parameterTypes == [23, .max])
        expectNoOtherLength(body) { _ = try Parse($0) }
    }

    @Test
    func `Bind holds names, formats and values`() throws {
        let body = try body(FrontendMessageType.bind) {
            Bind.write(
                portal: "p".utf8, statement: "s".utf8, parameterFormats: [.binary, .text, .text],
                parameters: [[0, 0, 0, 9], nil, []], resultFormats: [.binary], to: &$0)
        }
        let bind = try Bind(body.span)
        #expect(body.text(bind.portal) == "p")
        #expect(body.text(bind.statement) == "s")
        #expect(bind.parameterFormats == [.binary, .text, .text])
        #expect(bind.parameters.map { $0.map { Array(body[$0]) } } == [[0, 0, 0, 9], nil, []])
        #expect(bind.resultFormats == [.binary])
        expectNoOtherLength(body) { _ = try Bind($0) }
    }

    @Test
    func `Bind takes as many parameters as an Int16 counts`() throws {
        let body = try body(FrontendMessageType.bind) {
            Bind.write(
                portal: "".utf8, statement: "".utf8,
                parameters: [[UInt8]?](repeating: nil, count: 65_535), to: &$0)
        }
        #expect(try Bind(body.span).parameters.count == 65_535)
    }

    @Test(arguments: [0, 1, 2, 3, 4])
    func `Bind's formats are none, one, or one each`(formats: Int) throws {
        let body = try body(FrontendMessageType.bind) {
            Bind.write(
                portal: "".utf8, statement: "".utf8,
                parameterFormats: .init(repeating: .text, count: formats),
                parameters: [nil, nil, nil], to: &$0)
        }
        if [0, 1, 3].contains(formats) {
            #expect(try Bind(body.span).parameterFormats.count == formats)
        } else {
            #expect(throws: WireError.valueOutOfRange(formats)) { _ = try Bind(body.span) }
        }
    }

    @Test
    func `a count larger than the body reserves nothing`() {
        let empty: [UInt8] = [0, 0]
        #expect(throws: WireError.truncated) { _ = try Bind((empty + [0xff, 0xff]).span) }
        #expect(throws: WireError.truncated) { _ = try Bind((empty + [0, 0, 0xff, 0xff]).span) }
        #expect(throws: WireError.truncated) { _ = try Parse((empty + [0xff, 0xff, 0, 0]).span) }
        #expect(throws: WireError.truncated) {
            _ = try FunctionCall(([0, 0, 0, 1] + [0, 0] + [0xff, 0xff]).span)
        }
    }

    @Test
    func `a value of negative length other than NULL is refused`() {
        #expect(throws: WireError.valueOutOfRange(-2)) {
            _ = try Bind([0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0].span)
        }
    }

    @Test
    func `a value longer than the body is refused`() {
        #expect(throws: WireError.truncated) {
            _ = try Bind([0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0, 0].span)
        }
    }

    @Test
    func `a format is text or binary`() {
        #expect(throws: WireError.valueOutOfRange(2)) {
            _ = try Bind([0, 0, 0, 1, 0, 2, 0, 0, 0, 0].span)
        }
    }

    @Test
    func `formats apply to all, to each or to none`() {
        #expect([Format]().applied(to: 3) == .text)
        #expect([Format.binary].applied(to: 3) == .binary)
        #expect([Format.text, .binary].applied(to: 1) == .binary)
        #expect([Format.binary, .binary].applied(to: 2) == .text)
    }

    @Test(arguments: [NamedObject.statement, .portal])
    func `Describe and Close name a statement or a portal`(object: NamedObject) throws {
        for body in [
            try body(FrontendMessageType.describe, { Describe.write(object, "name".utf8, to: &$0) }),
            try body(FrontendMessageType.close, { Close.write(object, "name".utf8, to: &$0) }),
        ] {
            let reference = try ObjectReference(body.span)
            #expect(reference.object == object)
            #expect(body.text(reference.name) == "name")
            expectNoOtherLength(body) { _ = try ObjectReference($0) }
        }
    }

    @Test
    func `what is neither a statement nor a portal is refused`() {
        #expect(throws: WireError.valueOutOfRange(0x51)) { _ = try ObjectReference([0x51, 0].span) }
    }

    @Test
    func `Execute holds portal and row limit`() throws {
        let body = try body(FrontendMessageType.execute) {
            Execute.write(portal: "p".utf8, rowLimit: 100, to: &$0)
        }
        let execute = try Execute(body.span)
        #expect(body.text(execute.portal) == "p")
        #expect(execute.rowLimit == 100)
        expectNoOtherLength(body) { _ = try Execute($0) }
    }

    @Test
    func `FunctionCall holds function, formats and arguments`() throws {
        let body = try body(FrontendMessageType.functionCall) {
            FunctionCall.write(
                function: 1397, argumentFormats: [.binary], arguments: [[1], nil], resultFormat: .binary,
                to: &$0)
        }
        let call = try FunctionCall(body.span)
        #expect(call.function == 1397)
        #expect(call.argumentFormats == [.binary])
        #expect(call.arguments.map { $0.map { Array(body[$0]) } } == [[1], nil])
        #expect(call.resultFormat == .binary)
        expectNoOtherLength(body) { _ = try FunctionCall($0) }
    }

    @Test
    func `CopyFail holds its reason`() throws {
        let body = try body(FrontendMessageType.copyFail) { CopyFail.write("enough".utf8, to: &$0) }
        #expect(body.text(try CopyFail(body.span).message) == "enough")
        expectNoOtherLength(body) { _ = try CopyFail($0) }
    }

    @Test
    func `CopyData's body is the data`() throws {
        let data: [UInt8] = [0, 1, 2]
        #expect(try body(FrontendMessageType.copyData) { CopyData.writeToServer(data, to: &$0) } == data)
        #expect(try body(BackendMessageType.copyData) { CopyData.writeToClient(data, to: &$0) } == data)
    }

    @Test
    func `messages without fields are five bytes`() {
        var output: [UInt8] = []
        output.appendSync()
        output.appendFlush()
        output.appendTerminate()
        #expect(output == [0x53, 0, 0, 0, 4, 0x48, 0, 0, 0, 4, 0x58, 0, 0, 0, 4])
    }

    @Test
    func `PasswordMessage holds the password`() throws {
        let body = try body(FrontendMessageType.authentication) {
            PasswordMessage.write("secret".utf8, to: &$0)
        }
        #expect(body.text(try PasswordMessage(body.span).password) == "secret")
        expectNoOtherLength(body) { _ = try PasswordMessage($0) }
    }

    @Test
    func `SASLInitialResponse holds mechanism and data, if any`() throws {
        let body1 = try body(FrontendMessageType.authentication) {
            SASLInitialResponse.write(mechanism: "SCRAM-SHA-256".utf8, data: [1, 2], to: &$0)
        }
        let response = try SASLInitialResponse(body1.span)
        #expect(body1.text(response.mechanism) == "SCRAM-SHA-256")
        #expect(response.data.map { Array(body1[$0]) } == [1, 2])
        expectNoOtherLength(body1) { _ = try SASLInitialResponse($0) }

        let body2 = try body(FrontendMessageType.authentication) {
            SASLInitialResponse.write(mechanism: "X".utf8, data: nil, to: &$0)
        }
        #expect(try SASLInitialResponse(body2.span).data == nil)
        #expect(try body(FrontendMessageType.authentication) { SASLResponse.write([9], to: &$0) } == [9])
    }

    @Test
    func `a real server's client is read back`() throws {
        let wire = Recording.session.client
        let queries = try messages(in: wire, of: FrontendMessageType.query)
        let texts = try queries.map { $0.text(try Query($0.span).text) }
        #expect(texts.count == 9)
        #expect(texts[2...3] == ["", "copy visit to stdout"])
        let binds = try messages(in: wire, of: FrontendMessageType.bind).map { try Bind($0.span) }
        #expect(binds.map(\.parameters.count) == [2, 0])
    }
}
