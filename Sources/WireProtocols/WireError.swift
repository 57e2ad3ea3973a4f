/// Why a peer's bytes are not a message of the protocol; a value of it never holds what they said.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
    /// A message announces a length, in bytes without its header, that its type may not have.
    case lengthOutOfRange(Int, allowed: ClosedRange<Int>)
    case unknownMessageType(UInt8)
    /// The body ends inside a field, or an element count promises more than the body holds.
    case truncated
    case unterminatedString
    /// Bytes are left after the last field.
    case trailingBytes(Int)
    /// A code, a count or a field's length is none that the protocol knows.
    case valueOutOfRange(Int)
    /// A first packet of a major version other than 3.
    case unsupportedProtocol(major: UInt16, minor: UInt16)

    /// What the peer is told.
    package var reply: (sqlState: String, message: String) {
        switch self {
        case .lengthOutOfRange: ("08P01", "invalid message length")
        case .unknownMessageType(let type): ("08P01", "invalid message type \(type)")
        case .truncated: ("08P01", "insufficient data left in message")
        case .unterminatedString: ("08P01", "invalid string in message")
        case .trailingBytes: ("08P01", "invalid message format")
        case .valueOutOfRange: ("08P01", "invalid value in message")
        case .unsupportedProtocol(let major, let minor):
            (
                "0A000",
                "unsupported frontend protocol \(major).\(minor): server supports 3.0 to 3.2"
            )
        }
    }
}
