import WireProtocols

/// Asks a server with which a session has just begun what the role may do; nobody else speaks with it meanwhile.
struct DatabaseRoleReading {
    enum Result: Equatable {
        case role(DatabaseRole)
        /// The server's error code.
        case unreadable(sqlState: String)
    }

    /// Most bytes of a message held; ours, and far above any row of the answer.
    private static let messageLimit = 1 << 16

    /// Settings that the server has reported meanwhile, for the client.
    private(set) var messages: [ServerSession.Message] = []
    private var input: [UInt8] = []
    private var role = DatabaseRole()
    private var error: String?

    init() {}

    var question: [UInt8] {
        var message: [UInt8] = []
        Query.write(RoleQuestion.text.utf8, to: &message)
        return message
    }

    /// - Returns: what came of it, once all is there.
    mutating func receive(_ bytes: Span<UInt8>) throws(WireError) -> Result? {
        for index in bytes.indices { input.append(bytes[index]) }
        var offset = 0
        var isDone = false
        while !isDone, let header = try BackendHeader.next(in: input.span, at: offset) {
            guard header.bodyLength <= Self.messageLimit else {
                throw .lengthOutOfRange(header.bodyLength, allowed: 0...Self.messageLimit)
            }
            guard input.count - offset >= header.frameLength else { break }
            isDone = try take(header.type, Array(input[header.body(at: offset)]))
            offset += header.frameLength
        }
        input.removeFirst(offset)
        guard isDone else { return nil }
        return error.map { .unreadable(sqlState: $0) } ?? .role(role)
    }

    /// - Returns: whether that was the last.
    private mutating func take(_ type: BackendMessageType, _ body: [UInt8]) throws(WireError) -> Bool {
        switch type {
        case .dataRow:
            var row = try DataRow(body.span)
            var values: [[UInt8]?] = []
            for _ in 0..<row.columnCount { values.append(try row.next().map { Array(body[$0]) }) }
            role.receive(row: values)
        case .parameterStatus:
            let status = try ParameterStatus(body.span)
            messages.append(
                .parameter(
                    StartupMessage.Parameter(
                        name: Array(body[status.name]), value: Array(body[status.value]))))
        case .errorResponse:
            let report = try DiagnosticReport(body.span)
            error = report[.sqlState].map { String(decoding: body[$0], as: UTF8.self) } ?? ""
        case .readyForQuery:
            return true
        case .rowDescription, .commandComplete, .noticeResponse, .notificationResponse:
            break
        default:
            throw .unknownMessageType(type.rawValue)
        }
        return false
    }
}
