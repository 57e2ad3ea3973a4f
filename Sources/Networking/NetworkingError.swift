/// What this target itself finds wrong; what the operating system refuses is a ``SystemRefusal``.
package enum NetworkingError: Error, Equatable {
    /// Not of the form `http://host:port/path` or `https://…`; the text says what is wrong.
    case malformedURL(String)
    /// The connection ended before what was waited for had come.
    case connectionClosed
    case timedOut
    /// Somebody listens at this path, or there is something else than a socket.
    case addressInUse(String)
    /// More was written before the end of the TLS handshake than is kept, in bytes.
    case tooMuchWritten(limit: Int)
    /// In bytes.
    case responseTooLong(limit: Int)
    /// A response whose end cannot be told from a lost connection, or that is none.
    case malformedResponse
}

/// As people are told it; whoever asked says of what.
extension NetworkingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedURL(let reason): reason
        case .connectionClosed: "the connection was closed"
        case .timedOut: "timed out"
        case .addressInUse(let path): "\(path): somebody listens there, or it is no socket"
        case .tooMuchWritten(let limit): "more than \(limit) bytes were written during the TLS handshake"
        case .responseTooLong(let limit): "the answer is longer than \(limit) bytes"
        case .malformedResponse: "the answer is no HTTP, or has no end"
        }
    }
}
