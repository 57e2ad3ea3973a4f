/// What a client sends once a session has started (PostgreSQL documentation, "Message Formats").
@usableFromInline
package enum FrontendMessageType: UInt8, MessageType {
    case bind = 0x42
    case close = 0x43
    case copyData = 0x64
    case copyDone = 0x63
    case copyFail = 0x66
    case describe = 0x44
    case execute = 0x45
    case flush = 0x48
    case functionCall = 0x46
    /// `PasswordMessage`, `SASLInitialResponse`, `SASLResponse` or `GSSResponse`, as the exchange has it.
    case authentication = 0x70
    case parse = 0x50
    case query = 0x51
    case sync = 0x53
    case terminate = 0x58

    @usableFromInline package var maximumBodyLength: Int {
        switch self {
        case .bind, .copyData, .functionCall, .parse, .query: MessageLimit.streamed
        case .authentication: PasswordMessage.maximumBodyLength
        case .close, .copyDone, .copyFail, .describe, .execute, .flush, .sync, .terminate: MessageLimit.small
        }
    }

    /// Statements and parameters longer than ``MessageLimit/held`` are: what is decided about them is decided by their
    /// beginning.
    @usableFromInline package var isStreamable: Bool {
        switch self {
        case .bind, .copyData, .functionCall, .parse, .query: true
        default: false
        }
    }
}
