/// What this target itself finds wrong; refusals of the operating system arrive as NIO's own errors.
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
