/// Why an exchange of SCRAM ended without success. No case holds a secret or what the peer wrote.
package enum SCRAMError: Error, Equatable {
    /// A message longer than ``SCRAM/maximumMessageLength``, in bytes.
    case messageTooLong(Int)
    /// A message that is not what RFC 5802, section 7, says; the text names the part.
    case malformedMessage(String)
    /// A message at a time when the exchange does not have one.
    case outOfOrder
    /// The peer's nonce is not ours followed by one of its own.
    case nonceMismatch
    case iterationCountOutOfRange(Int)
    /// The binding flag and the chosen mechanism do not belong together.
    case mechanismMismatch
    /// The client believes that the server cannot bind to the channel, although that was offered.
    case channelBindingDowngraded
    /// The two ends are not on the same TLS connection.
    case channelBindingMismatch
    /// The client does not know the password, or the user does not exist.
    case wrongProof
    /// The server answered with an error instead of its signature.
    case serverRefused
    /// The server does not know the password.
    case wrongServerSignature
    case cryptography(CryptographyError)
}
