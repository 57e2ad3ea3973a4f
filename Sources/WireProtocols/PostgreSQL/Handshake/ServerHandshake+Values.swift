extension ServerHandshake {
    package struct Options: Equatable, Sendable {
        package enum TLS: Equatable, Sendable {
            case disabled
            /// A server without TLS is refused. What its certificate must show is the TLS driver's matter.
            case required
        }

        package var user: [UInt8]
        package var database: [UInt8]
        /// `nil` if the server is to ask for none.
        package var password: [UInt8]?
        /// The parameter `replication`; `nil` for ordinary sessions.
        package var replication: [UInt8]?
        /// Sent after the above, unchanged and in order, but for the names above and protocol options.
        package var parameters: [StartupMessage.Parameter]
        /// Asked for; the server may settle for an older one.
        package var version: ProtocolVersion
        package var tls: TLS
        /// A server that asks for a weaker proof gets none.
        package var minimumMethod: ServerAuthenticationMethod
        /// Whether the password may cross the network as it is.
        package var allowsCleartextWithoutTLS: Bool

        package init(
            user: [UInt8], database: [UInt8], password: [UInt8]?, replication: [UInt8]? = nil,
            parameters: [StartupMessage.Parameter] = [], version: ProtocolVersion = .oldest,
            tls: TLS = .required,
            minimumMethod: ServerAuthenticationMethod = .trust, allowsCleartextWithoutTLS: Bool = false
        ) {
            self.user = user
            self.database = database
            self.password = password
            self.replication = replication
            self.parameters = parameters
            self.version = version
            self.tls = tls
            self.minimumMethod = minimumMethod
            self.allowsCleartextWithoutTLS = allowsCleartextWithoutTLS
        }

        var startupMessage: StartupMessage {
            var all = [StartupMessage.Parameter(name: Array("user".utf8), value: user)]
            all.append(StartupMessage.Parameter(name: Array("database".utf8), value: database))
            if let replication {
                all.append(StartupMessage.Parameter(name: Array("replication".utf8), value: replication))
            }
            all += parameters.filter {
                !StartupMessage.reservedNames.contains($0.name) && !$0.isProtocolOption
            }
            return StartupMessage(version: version, parameters: all)
        }
    }

    package enum Action: Equatable, Sendable {
        case send([UInt8])
        /// Do the TLS handshake as the client, then call ``ServerHandshake/tlsStarted(channelBinding:)``.
        case startTLS
        case ready(ServerSession)
        /// Close the connection.
        case fail(ServerHandshakeError)
    }
}

/// How a server has its clients prove who they are, the weakest first.
package enum ServerAuthenticationMethod: Int, Comparable, Sendable {
    /// Not at all; or by the client's certificate, which the server does not tell.
    case trust
    case cleartext
    case md5
    case scramSHA256
    case scramSHA256Plus

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a server told before its first `ReadyForQuery`.
package struct ServerSession: Equatable, Sendable {
    package var version: ProtocolVersion
    package var method: ServerAuthenticationMethod = .trust
    /// `ParameterStatus` messages in the order received.
    package var parameters: [StartupMessage.Parameter] = []
    /// `nil` if the server cannot cancel.
    package var cancellation: CancelRequest?
    /// Bodies of `NoticeResponse` messages in the order received.
    package var notices: [[UInt8]] = []
    package var status: TransactionStatus = .idle
}

/// Why there is no session with the server.
package enum ServerHandshakeError: Error, Equatable, Sendable {
    /// The body of the server's own `ErrorResponse`, to be handed on as it is.
    case refusedByServer([UInt8])
    case tlsNotOffered
    /// Bytes in plain text after the server agreed to TLS (CVE-2021-23222).
    case plainBytesBeforeTLS
    /// The server asks for a password and none is configured.
    case passwordMissing
    /// The server asks for a weaker proof than is allowed.
    case methodTooWeak(ServerAuthenticationMethod)
    case cleartextWithoutTLS
    /// Kerberos, GSSAPI, SSPI, or a method or mechanism unknown, by its code.
    case methodNotSupported(code: UInt32)
    /// The server does not know the password either, or the exchange was tampered with.
    case serverNotAuthenticated
    /// A message that has no place where it came.
    case unexpectedMessage(UInt8)
    case malformed(WireError)
    /// More messages or bytes than ``ServerHandshake/maximumMessageCount`` and its like.
    case tooMuch
    case versionNotSupported(ProtocolVersion)
    /// The server closed the connection without a word.
    case closed
    case timedOut
    /// A primitive that the method needs is not available, such as MD5 where only FIPS algorithms are.
    case methodUnavailable(ServerAuthenticationMethod)

    /// What the client is told, unless the server's own words are.
    package var reply: (sqlState: String, message: String) {
        switch self {
        case .refusedByServer: ("08004", "database refused the connection")
        case .tlsNotOffered: ("08001", "database does not offer TLS, which is required")
        case .plainBytesBeforeTLS: ("08P01", "database sent unencrypted data after it agreed to TLS")
        case .passwordMissing: ("28000", "database asks for a password and none is configured")
        case .methodTooWeak: ("28000", "database asks for a weaker authentication method than is allowed")
        case .cleartextWithoutTLS: ("28000", "database asks for a clear-text password without TLS")
        case .methodNotSupported:
            ("28000", "database asks for an authentication method that is not supported")
        case .serverNotAuthenticated: ("28000", "database could not prove its own identity")
        case .unexpectedMessage, .malformed: ("08P01", "database does not keep to the protocol")
        case .tooMuch: ("08P01", "database sent too much before it was ready")
        case .versionNotSupported: ("0A000", "database does not speak the protocol version asked for")
        case .closed: ("08006", "database closed the connection")
        case .timedOut: ("08006", "database did not answer in time")
        case .methodUnavailable: ("28000", "database asks for an authentication method that is not available")
        }
    }
}
