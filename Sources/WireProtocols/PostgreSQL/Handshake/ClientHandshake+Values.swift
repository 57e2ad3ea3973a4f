package import Cryptography

extension ClientHandshake {
    package struct Options: Equatable, Sendable {
        package enum TLS: Equatable, Sendable {
            case unavailable
            case offered
            /// Sessions are refused without it; cancel requests, which older clients never encrypt, are not.
            case required
        }

        package var tls: TLS
        /// The peer is on this machine, so that a clear-text password crosses no network.
        package var isLocal: Bool
        package var allowsReplication: Bool
        /// Random, and the same for as long as the process runs: what unknown users are shown depends on it.
        package var mockSecret: [UInt8]

        package init(tls: TLS, isLocal: Bool, allowsReplication: Bool = false, mockSecret: [UInt8]) {
            self.tls = tls
            self.isLocal = isLocal
            self.allowsReplication = allowsReplication
            self.mockSecret = mockSecret
        }
    }

    package enum Action: Equatable, Sendable {
        case send([UInt8])
        /// Do the TLS handshake as the server, then call ``ClientHandshake/tlsStarted(channelBinding:)``.
        case startTLS
        /// Cancel that session's statement if the key is right; close without a reply either way.
        case cancel(CancelRequest)
        /// Find the user's credential, then call ``ClientHandshake/credentialFound(_:randomness:)``.
        case lookUp(ClientStartup)
        /// Judge what the client has shown in place of a password, then call ``ClientHandshake/tokenAccepted()`` or
        /// ``ClientHandshake/tokenRefused(_:isToken:)``.
        case verify(token: [UInt8])
        /// The client is who it says and has been told so; parameters, key and readiness are to follow.
        case authenticated
        /// Close the connection, after what is to be sent: it tells the client, where that is possible and it
        /// may know.
        case fail(DiagnosticFields)
    }
}

/// What a client asks for in its `StartupMessage`.
package struct ClientStartup: Equatable, Sendable {
    /// The version agreed on.
    package var version: ProtocolVersion
    package var user: [UInt8]
    /// The user's name where the client names none.
    package var database: [UInt8]
    /// The parameter `replication` as sent, if it asks for a replication session.
    package var replication: [UInt8]?
    /// All parameters but `user`, `database`, `replication` and protocol options, unchanged and in order.
    package var parameters: [StartupMessage.Parameter]
    package var isEncrypted: Bool
}

/// How a user is to be authenticated.
package enum ClientCredential: Equatable, Sendable {
    case scram(SCRAMVerifier)
    /// Asked for in clear text, so only with TLS or on this machine. Empty never matches.
    case password([UInt8])
    /// Something that proves by itself who the client is, asked for like a password; who may call it what.
    case token
    /// Authenticated by other means, such as the workload it belongs to.
    case trusted
    /// There is no such user; the client cannot tell that from a wrong password.
    case unknown
    case refused(DiagnosticFields)
}

extension DiagnosticFields {
    static func protocolViolation(_ message: String) -> Self {
        Self(.fatal, sqlState: "08P01", message: message)
    }

    init(fatal error: WireError) {
        let (sqlState, message) = error.reply
        self.init(.fatal, sqlState: sqlState, message: message)
    }
}
