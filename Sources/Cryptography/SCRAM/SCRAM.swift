/// Salted challenge response with SHA-256 (RFC 5802, RFC 7677), as PostgreSQL speaks it.
///
///     client                                        server
///     n,,n=,r=<client nonce>            ------->
///                                       <-------    r=<client nonce><server nonce>,s=<salt>,i=<iterations>
///     c=biws,r=<both nonces>,p=<proof>  ------->
///                                       <-------    v=<signature>
///
/// Passwords are taken as they are. SASLprep (RFC 4013) changes no ASCII text, and where it refuses a text
/// PostgreSQL takes the bytes as they are too; a password it would change, such as one with a non-breaking
/// space or a ligature, does not match here.
package enum SCRAM {
    package enum Mechanism: String, Sendable {
        case sha256 = "SCRAM-SHA-256"
        /// Bound to the TLS connection it runs on.
        case sha256Plus = "SCRAM-SHA-256-PLUS"
    }

    /// Longest message read, in bytes. Ours; PostgreSQL reads 1024.
    package static let maximumMessageLength = 2048
    /// PostgreSQL's default count at the lower end; above the upper one a peer keeps a processor busy for long.
    package static let iterationCounts = 4096...1_000_000
    /// Of every verifier made here, so that the count tells nothing; PostgreSQL's default.
    package static let serverIterations = 4096
    /// What a client accepts of the server it was told to use.
    package static let clientIterationCounts = 1...1_000_000

    /// The one kind of binding spoken (RFC 5929, section 4).
    static let bindingFlag = Array("p=tls-server-end-point".utf8)

    /// A nonce as it is written: printable, without a comma (RFC 5802, section 7). ``Base64/encodedBytes(_:)``
    /// of 18 random bytes is one.
    static func isNonce(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }

    static func xor(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        zip(one, other).map { $0 ^ $1 }
    }

    static func authenticationCode(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var hmac = HMACSHA256(key: key)
        return hmac.authenticationCode(for: message)
    }
}
