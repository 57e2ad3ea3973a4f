/// Why a TLS connection was not made or did not last. No case holds what travelled on it.
package enum TLSError: Error, Equatable {
    /// The files given do not make a context; the text says which and why.
    case configuration(String)
    case certificateExpired
    case certificateNotYetValid
    /// No chain leads to an authority we trust.
    case unknownAuthority
    /// The certificate is of another host name or address.
    case nameMismatch
    /// The certificate is refused for another reason, told in the library's words.
    case certificateRejected(String)
    /// The two sides came to no agreement, or the peer refused us; told in the library's words.
    case handshakeFailed(String)
    /// What was received after the handshake is not what its sender sent.
    case broken(String)
    /// Something was to be sent before the handshake or after the end.
    case notOpen
}

/// As people are told it, of the other side; whoever asked says whose.
extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let reason): reason
        case .certificateExpired: "its certificate has expired"
        case .certificateNotYetValid: "its certificate is not valid yet"
        case .unknownAuthority: "its certificate is of no authority that is trusted"
        case .nameMismatch: "its certificate is for another name"
        case .certificateRejected(let reason): "its certificate is refused: \(reason)"
        case .handshakeFailed(let reason): "no TLS: \(reason)"
        case .broken(let reason): "TLS is broken: \(reason)"
        case .notOpen: "the TLS connection is not open"
        }
    }
}
