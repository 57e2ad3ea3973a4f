/// What a server sends (PostgreSQL documentation, "Message Formats").
@usableFromInline
package enum BackendMessageType: UInt8, MessageType {
    case authentication = 0x52
    case backendKeyData = 0x4b
    case bindComplete = 0x32
    case closeComplete = 0x33
    case commandComplete = 0x43
    case copyBothResponse = 0x57
    case copyData = 0x64
    case copyDone = 0x63
    case copyInResponse = 0x47
    case copyOutResponse = 0x48
    case dataRow = 0x44
    case emptyQueryResponse = 0x49
    case errorResponse = 0x45
    case functionCallResponse = 0x56
    case negotiateProtocolVersion = 0x76
    case noData = 0x6e
    case noticeResponse = 0x4e
    case notificationResponse = 0x41
    case parameterDescription = 0x74
    case parameterStatus = 0x53
    case parseComplete = 0x31
    case portalSuspended = 0x73
    case readyForQuery = 0x5a
    case rowDescription = 0x54

    @usableFromInline package var maximumBodyLength: Int {
        switch self {
        case .copyData, .dataRow, .functionCallResponse:
            MessageLimit.streamed
        case .copyBothResponse, .copyInResponse, .copyOutResponse, .errorResponse, .noticeResponse,
            .notificationResponse, .parameterDescription, .parameterStatus, .rowDescription:
            MessageLimit.held
        case .authentication, .backendKeyData, .bindComplete, .closeComplete, .commandComplete, .copyDone,
            .emptyQueryResponse, .negotiateProtocolVersion, .noData, .parseComplete, .portalSuspended,
            .readyForQuery:
            MessageLimit.small
        }
    }

    @usableFromInline package var isStreamable: Bool {
        self == .dataRow || self == .copyData || self == .functionCallResponse
    }
}
