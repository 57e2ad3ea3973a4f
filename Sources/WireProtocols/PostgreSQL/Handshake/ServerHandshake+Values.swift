extension ServerHandshake {
    package struct Options: Equatable, Sendable {
        package enum TLS: Equatable, Sendable {
            case disabled
            /// A server without TLS is refused. What its certificate must show is the TLS driver's matter.
            case required
            /// The connection begins with the TLS handshake, as servers take it since PostgreSQL 17.
            case direct

            /// Whether the server may have chosen that by ALPN. Nothing but its choice shows a server that was not
            /// asked for TLS in PostgreSQL's own way to be one of PostgreSQL; older ones choose nothing.
            func accepts(_ chosen: String?) -> Bool {
                chosen == ClientHandshake.applicationProtocol || chosen == nil && self != .direct
            }
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
        /// Whether SCRAM is bound to the TLS connection where the server offers it.
        package var usesChannelBinding: Bool
        /// Another server is refused.
        package var attributes: SessionAttributes

        package init(
            user: [UInt8], database: [UInt8], password: [UInt8]?, replication: [UInt8]? = nil,
            parameters: [StartupMessage.Parameter] = [], version: ProtocolVersion = .oldest,
            tls: TLS = .required,
            minimumMethod: ServerAuthenticationMethod = .trust, allowsCleartextWithoutTLS: Bool = false,
            usesChannelBinding: Bool = true, attributes: SessionAttributes = .any
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
            self.usesChannelBinding = usesChannelBinding
            self.attributes = attributes
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
        /// Do the TLS handshake as the client, then call
        /// ``ServerHandshake/tlsStarted(channelBinding:applicationProtocol:)``.
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
    /// A message for the client.
    package enum Message: Equatable, Sendable {
        /// `ParameterStatus`.
        case parameter(StartupMessage.Parameter)
        /// `BackendKeyData`, of ``ServerSession/cancellation``.
        case key
        /// The body of a `NoticeResponse`.
        case notice([UInt8])
    }

    package var version: ProtocolVersion
    package var method: ServerAuthenticationMethod = .trust
    /// In the order received.
    package var messages: [Message] = []
    /// `nil` if the server cannot cancel.
    package var cancellation: CancelRequest?
    package var status: TransactionStatus = .idle

    package var parameters: [StartupMessage.Parameter] {
        messages.compactMap { if case .parameter(let parameter) = $0 { parameter } else { nil } }
    }

    package var notices: [[UInt8]] {
        messages.compactMap { if case .notice(let body) = $0 { body } else { nil } }
    }
}

/// Why there is no session with the server.
package enum ServerHandshakeError: Error, Equatable, Sendable {
    /// The body of the server's own `ErrorResponse`, to be handed on as it is.
    case refusedByServer([UInt8])
    case tlsNotOffered
    /// The server has not chosen PostgreSQL's protocol in the TLS handshake.
    case applicationProtocolNotAgreed
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
    /// The server is not the one wanted.
    case unsuitable(SessionAttributes)

    /// What the client is told, unless the server's own words are.
    package var reply: (sqlState: String, message: String) {
        switch self {
        case .refusedByServer: ("08004", "database refused the connection")
        case .tlsNotOffered: ("08001", "database does not offer TLS, which is required")
        case .applicationProtocolNotAgreed:
            ("08001", "database did not choose PostgreSQL's protocol in the TLS handshake")
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
        case .unsuitable(.readWrite): ("08001", "no database server accepts read-write sessions")
        case .unsuitable(.readOnly): ("08001", "no database server has read-only sessions")
        case .unsuitable(.primary): ("08001", "no database server is a primary")
        case .unsuitable(.standby): ("08001", "no database server is a standby")
        case .unsuitable(.any): ("08001", "no database server is suitable")
        }
    }
}
