import WireProtocols

/// Reads a body as one kind of message; what is accepted must be exactly what our own writer would have sent.
package enum BodyExercise: String, CaseIterable, Sendable {
    case query, parse, bind, functionCall, describe, execute, copyFail, password, saslInitialResponse
    case rowDescription, parameterDescription, dataRow, errorResponse, commandComplete, readyForQuery
    case parameterStatus, backendKeyData, notification, copyResponse, functionCallResponse
    case negotiateProtocolVersion, authentication, startupPacket

    /// Whether the body is well-formed.
    /// - Throws: ``Violation`` when it is accepted and written differently.
    package func accepts(_ body: [UInt8]) throws(Violation) -> Bool {
        var output: [UInt8] = []
        do throws(WireError) {
            switch self {
            case .query, .parse, .bind, .functionCall, .describe, .execute, .copyFail, .password,
                .saslInitialResponse:
                try rewriteFrontend(body, to: &output)
            case .rowDescription, .parameterDescription, .dataRow, .errorResponse, .commandComplete,
                .readyForQuery, .parameterStatus, .backendKeyData, .notification, .copyResponse,
                .functionCallResponse, .negotiateProtocolVersion, .authentication:
                try rewriteBackend(body, to: &output)
            case .startupPacket:
                try rewriteStartupPacket(body, to: &output)
            }
        } catch {
            return false
        }
        let header = self == .startupPacket ? 0 : 5
        guard output.dropFirst(header).elementsEqual(body) else {
            throw Violation("\(self) is written differently")
        }
        return true
    }

    private func rewriteFrontend(_ body: [UInt8], to output: inout [UInt8]) throws(WireError) {
        switch self {
        case .query:
            Query.write(body[try Query(body.span).text], to: &output)
        case .parse:
            let parse = try Parse(body.span)
            Parse.write(
                statement: body[parse.statement], text: body[parse.text],
                parameterTypes: parse.parameterTypes,
                to: &output)
        case .bind:
            let bind = try Bind(body.span)
            Bind.write(
                portal: body[bind.portal], statement: body[bind.statement],
                parameterFormats: bind.parameterFormats, parameters: body.values(bind.parameters),
                resultFormats: bind.resultFormats, to: &output)
        case .functionCall:
            let call = try FunctionCall(body.span)
            FunctionCall.write(
                function: call.function, argumentFormats: call.argumentFormats,
                arguments: body.values(call.arguments), resultFormat: call.resultFormat, to: &output)
        case .describe:
            let reference = try ObjectReference(body.span)
            Describe.write(reference.object, body[reference.name], to: &output)
        case .execute:
            let execute = try Execute(body.span)
            Execute.write(portal: body[execute.portal], rowLimit: execute.rowLimit, to: &output)
        case .copyFail:
            CopyFail.write(body[try CopyFail(body.span).message], to: &output)
        case .password:
            PasswordMessage.write(body[try PasswordMessage(body.span).password], to: &output)
        case .saslInitialResponse:
            let response = try SASLInitialResponse(body.span)
            SASLInitialResponse.write(
                mechanism: body[response.mechanism], data: response.data.map { Array(body[$0]) }, to: &output)
        default: preconditionFailure("\(self) is not a client's message")
        }
    }

    private func rewriteBackend(_ body: [UInt8], to output: inout [UInt8]) throws(WireError) {
        switch self {
        case .rowDescription:
            let columns = try RowDescription(body.span).columns
            RowDescription.write(columns.map { (Array(body[$0.name]), $0.type) }, to: &output)
        case .parameterDescription:
            ParameterDescription.write(try ParameterDescription(body.span).types, to: &output)
        case .dataRow:
            var row = try DataRow(body.span)
            var values: [Range<Int>?] = []
            for _ in 0..<row.columnCount { values.append(try row.next()) }
            try row.finish()
            DataRow.write(body.values(values), to: &output)
        case .errorResponse:
            let frame = output.beginFrame(BackendMessageType.errorResponse)
            for field in try DiagnosticReport(body.span).fields {
                output.append(field.code.rawValue)
                output.appendCString(body[field.value])
            }
            output.append(0)
            output.endFrame(frame)
        case .commandComplete:
            CommandComplete.write(body[try CommandComplete(body.span).tag], to: &output)
        case .readyForQuery:
            ReadyForQuery.write(try ReadyForQuery.status(in: body.span), to: &output)
        case .parameterStatus:
            let status = try ParameterStatus(body.span)
            ParameterStatus.write(name: body[status.name], value: body[status.value], to: &output)
        case .backendKeyData:
            let key = try BackendKeyData(body.span)
            BackendKeyData.write(
                processID: key.processID, secretKey: Array(body[key.secretKey]), to: &output)
        case .notification:
            let notification = try NotificationResponse(body.span)
            NotificationResponse.write(
                processID: notification.processID, channel: body[notification.channel],
                payload: body[notification.payload], to: &output)
        case .copyResponse:
            let response = try CopyResponse(body.span)
            CopyResponse.write(
                .copyOutResponse, format: response.format, columnFormats: response.columnFormats, to: &output)
        case .functionCallResponse:
            let value = try FunctionCallResponse(body.span).value
            FunctionCallResponse.write(value.map { Array(body[$0]) }, to: &output)
        case .negotiateProtocolVersion:
            let answer = try NegotiateProtocolVersion(body.span)
            NegotiateProtocolVersion.write(
                answer.version, unrecognizedOptions: answer.unrecognizedOptions.map { Array(body[$0]) },
                to: &output)
            // The one message with two spellings: the minor version alone means 3.minor.
            if body.starts(with: [0, 0]) { output[6] = 0 }
        case .authentication:
            let request = try Authentication(body.span)
            request.write(to: &output)
            // Of methods not spoken, the data is not looked at.
            if case .unsupported = request { output += body.dropFirst(4) }
        default: preconditionFailure("\(self) is not a server's message")
        }
    }

    private func rewriteStartupPacket(_ packet: [UInt8], to output: inout [UInt8]) throws(WireError) {
        switch try StartupPacket(packet.span) {
        case .startup(let message): message.write(to: &output)
        case .cancel(let request): request.write(to: &output)
        case .sslRequest: StartupPacket.writeSSLRequest(to: &output)
        case .gssEncryptionRequest:
            StartupPacket.writeSSLRequest(to: &output)
            output[7] += 1
        }
    }
}

/// A property that hostile bytes made untrue.
package struct Violation: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension [UInt8] {
    fileprivate func values(_ ranges: [Range<Int>?]) -> [[UInt8]?] {
        ranges.map { $0.map { Array(self[$0]) } }
    }
}
