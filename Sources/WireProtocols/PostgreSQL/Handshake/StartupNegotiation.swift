/// What a client may ask for before its session: encryption once each way, a cancellation, or the session.
struct StartupNegotiation: Equatable, Sendable {
    enum Answer: Equatable {
        /// `N`: without encryption of that kind.
        case decline
        /// `S`, then the TLS handshake.
        case startTLS
        case cancel(CancelRequest)
        /// Send `reply`, if any, and find the user's credential.
        case lookUp(ClientStartup, reply: [UInt8])
    }

    private let options: ClientHandshake.Options
    private let isEncrypted: Bool
    private var mayAskForTLS: Bool
    private var mayAskForGSS: Bool

    init(_ options: ClientHandshake.Options, isEncrypted: Bool = false) {
        self.options = options
        self.isEncrypted = isEncrypted
        mayAskForTLS = !isEncrypted
        mayAskForGSS = !isEncrypted
    }

    /// `isFollowed` says whether bytes came with the packet; ahead of TLS they might be somebody else's, to be
    /// taken for the client's own later (CVE-2021-23214).
    mutating func receive(_ packet: StartupPacket, isFollowed: Bool) throws(DiagnosticFields) -> Answer {
        switch packet {
        case .sslRequest:
            guard mayAskForTLS else { throw .repeatedRequest }
            mayAskForTLS = false
            if options.tls == .unavailable { return .decline }
            guard !isFollowed else {
                throw .protocolViolation("received unencrypted data after SSL request")
            }
            return .startTLS
        case .gssEncryptionRequest:
            guard mayAskForGSS else { throw .repeatedRequest }
            mayAskForGSS = false
            return .decline
        case .cancel(let request):
            return .cancel(request)
        case .startup(let message):
            guard isEncrypted || options.tls != .required else {
                throw DiagnosticFields(
                    .fatal, sqlState: "28000", message: "connections are accepted with TLS only",
                    hint: "Set sslmode=require, or verify-full to know the server as well.")
            }
            return try start(message)
        }
    }

    private func start(_ message: StartupMessage) throws(DiagnosticFields) -> Answer {
        var parameters: [StartupMessage.Parameter] = []
        var protocolOptions: [[UInt8]] = []
        for parameter in message.parameters {
            if StartupMessage.reservedNames.contains(parameter.name) { continue }
            if parameter.isProtocolOption {
                protocolOptions.append(parameter.name)
            } else {
                parameters.append(parameter)
            }
        }
        guard let user = message.value(of: "user"), !user.isEmpty else {
            throw DiagnosticFields(
                .fatal, sqlState: "28000", message: "no PostgreSQL user name specified in startup packet")
        }
        let database = message.value(of: "database") ?? []
        let startup = ClientStartup(
            version: min(message.version, .newest), user: user, database: database.isEmpty ? user : database,
            replication: try replication(message), parameters: parameters, isEncrypted: isEncrypted)

        var reply: [UInt8] = []
        if message.version > .newest || !protocolOptions.isEmpty {
            NegotiateProtocolVersion.write(
                startup.version, unrecognizedOptions: protocolOptions, to: &reply)
        }
        return .lookUp(startup, reply: reply)
    }

    /// The parameter `replication`, unless it says no: `database`, or a boolean as the server reads them.
    private func replication(_ message: StartupMessage) throws(DiagnosticFields) -> [UInt8]? {
        guard let value = message.value(of: "replication") else { return nil }
        let text = String(decoding: value, as: UTF8.self).lowercased()
        if ["off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"].contains(text) { return nil }
        guard options.allowsReplication else {
            throw DiagnosticFields(
                .fatal, sqlState: "28000", message: "replication connections are not allowed here")
        }
        return value
    }
}

extension StartupMessage {
    /// Parameters that are the gateway's to set on the leg to the server.
    static let reservedNames: Set<[UInt8]> = [
        Array("user".utf8), Array("database".utf8), Array("replication".utf8),
    ]
}

extension StartupMessage.Parameter {
    /// Whether it belongs to the protocol itself, so to one leg alone.
    var isProtocolOption: Bool { name.starts(with: "_pq_.".utf8) }
}

extension DiagnosticFields {
    fileprivate static let repeatedRequest = Self.protocolViolation("encryption was asked for already")
}
