/// An error or a notice of the gateway's own.
package struct DiagnosticFields: Equatable, Sendable, Error {
    package enum Severity: String, Equatable, Sendable {
        case error = "ERROR"
        case fatal = "FATAL"
        case warning = "WARNING"
        case notice = "NOTICE"
        case info = "INFO"
    }

    package var severity: Severity
    /// Five characters (PostgreSQL documentation, appendix A).
    package var sqlState: String
    package var message: String
    package var detail: String?
    package var hint: String?
    /// Where in the query string, counted in characters from 1.
    package var position: Int?

    package init(
        _ severity: Severity, sqlState: String, message: String, detail: String? = nil, hint: String? = nil,
        position: Int? = nil
    ) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
    }

    /// An `ErrorResponse`, after which the server ends the statement or, if fatal, the session.
    package func writeErrorResponse(to output: inout [UInt8]) {
        write(BackendMessageType.errorResponse, to: &output)
    }

    package func writeNoticeResponse(to output: inout [UInt8]) {
        write(BackendMessageType.noticeResponse, to: &output)
    }

    private func write(_ type: BackendMessageType, to output: inout [UInt8]) {
        let frame = output.beginFrame(type)
        output.append(.severity, severity.rawValue)
        output.append(.nonlocalizedSeverity, severity.rawValue)
        output.append(.sqlState, sqlState)
        output.append(.message, message)
        if let detail { output.append(.detail, detail) }
        if let hint { output.append(.hint, hint) }
        if let position { output.append(.position, "\(position)") }
        output.append(0)
        output.endFrame(frame)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ field: DiagnosticReport.Code, _ text: String) {
        append(field.rawValue)
        appendCString(text.utf8)
    }
}
