import WireProtocols

/// One message of a database's, whole.
struct ServerMessage {
    var type: BackendMessageType
    var body: [UInt8]

    /// Of an `ErrorResponse`.
    var error: (sqlState: String, message: String)? {
        guard type == .errorResponse, let report = try? DiagnosticReport(body.span) else { return nil }
        let text = { (code: DiagnosticReport.Code) in
            report[code].map { String(decoding: body[$0], as: UTF8.self) } ?? ""
        }
        return (text(.sqlState), text(.message))
    }

    /// Of a `DataRow`.
    var values: [[UInt8]?]? {
        guard type == .dataRow else { return nil }
        do {
            var row = try DataRow(body.span)
            var values: [[UInt8]?] = []
            for _ in 0..<row.columnCount { values.append(try row.next().map { Array(body[$0]) }) }
            return values
        } catch {
            return nil
        }
    }

    /// The names of a `RowDescription`'s columns.
    var columnNames: [String]? {
        guard type == .rowDescription, let description = try? RowDescription(body.span) else { return nil }
        return description.columns.map { String(decoding: body[$0.name], as: UTF8.self) }
    }
}

/// Takes messages from bytes in any chunks.
struct MessageReader {
    private var bytes: [UInt8] = []

    mutating func append(_ more: [UInt8]) { bytes += more }

    /// - Returns: `nil` until a whole message is there.
    mutating func next() throws -> ServerMessage? {
        guard let header = try BackendHeader.nextWhole(in: bytes.span, at: 0) else { return nil }
        let message = ServerMessage(type: header.type, body: Array(bytes[header.body(at: 0)]))
        bytes.removeFirst(header.frameLength)
        return message
    }
}

extension ByteChannel {
    /// Sends messages that end with one that `ReadyForQuery` answers, and returns the answers up to it; those that came
    /// before where the server ended the session.
    func answer(to bytes: [UInt8]) async throws -> (messages: [ServerMessage], isWhole: Bool) {
        try await send(bytes)
        var reader = MessageReader()
        var messages: [ServerMessage] = []
        while let received = try await receive() {
            reader.append(received)
            while let message = try reader.next() {
                messages.append(message)
                if message.type == .readyForQuery { return (messages, true) }
            }
        }
        return (messages, false)
    }

    /// The same where a session that ends is a fault.
    /// - Throws: ``DatabaseFault/ended`` or the error that ended the session.
    func exchange(_ bytes: [UInt8]) async throws -> [ServerMessage] {
        let (messages, isWhole) = try await answer(to: bytes)
        guard !isWhole else { return messages }
        guard let error = messages.last?.error else { throw DatabaseFault.ended }
        throw DatabaseFault.refused(sqlState: error.sqlState, message: error.message)
    }
}

extension UpstreamSession {
    /// The rows of one statement, as text.
    /// - Throws: ``DatabaseFault/refused(sqlState:message:)``.
    func rows(of sql: String) async throws -> [[String?]] {
        var message: [UInt8] = []
        Query.write(sql.utf8, to: &message)
        let messages = try await exchange(message)
        if let error = messages.lazy.compactMap(\.error).first {
            throw DatabaseFault.refused(sqlState: error.sqlState, message: error.message)
        }
        return messages.compactMap { $0.values?.map { $0.map { String(decoding: $0, as: UTF8.self) } } }
    }

    /// The names of a single statement's columns, as the database parses it; `nil` where it does not, or where there
    /// are none. Nothing of it runs.
    func columnNames(of sql: [UInt8]) async throws -> [String]? {
        var message: [UInt8] = []
        Parse.write(statement: [], text: sql, parameterTypes: [], to: &message)
        Describe.write(.statement, [UInt8](), to: &message)
        message.appendSync()
        return try await exchange(message).lazy.compactMap(\.columnNames).first
    }
}
