import API
import ArgumentParser
import Cryptography
import NIOCore
import Networking
import WireProtocols

/// The gateway under test, and who asks it.
struct GatewayOptions: ParsableArguments {
    enum Encryption: String, CaseIterable, ExpressibleByArgument {
        case disable = "Disable"
        case verifyFull = "VerifyFull"
    }

    @Option(help: "Where the gateway listens for the connection: HOST:PORT.")
    var gateway: String

    @Option(help: "A user of the gateway's who has the masks that everybody has.")
    var user: String

    @Option(help: "File with the user's password; none where the gateway asks for none.")
    var passwordFile: String?

    @Option(help: "TLS to the gateway; Disable on this machine and VerifyFull elsewhere when left out.")
    var gatewayTLS: Encryption?

    @Option(help: "File with the authorities of the gateway's certificate, PEM; the system's when left out.")
    var gatewayCA: String?

    struct Place {
        var endpoint: Endpoint
        var tls: TLSContext?
        var options: ServerHandshake.Options
        var loop: any EventLoop
    }

    /// `parameters` are each session's.
    /// - Throws: `ValidationError`, also for files that cannot be read; `TLSError`.
    func place(
        database: String, parameters: [(String, String)], on loop: any EventLoop
    ) throws -> Place {
        let parts = gateway.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, let port = UInt16(parts.last ?? ""), port > 0 else {
            throw ValidationError("--gateway \(TerminalText.escaped(gateway)): expected HOST:PORT")
        }
        let host = parts.dropLast().joined(separator: ":").filter { $0 != "[" && $0 != "]" }
        let isHere = ["localhost", "::1"].contains(host) || host.hasPrefix("127.")
        let encryption = gatewayTLS ?? (isHere ? .disable : .verifyFull)
        let tls: TLSContext? =
            encryption == .disable
            ? nil
            : try TLSContext.client(
                verification: .full(serverName: host),
                certificateAuthoritiesPEM: gatewayCA.map { try TextFile.bytes($0) },
                applicationProtocol: ClientHandshake.applicationProtocol)
        return Place(
            endpoint: .tcp(host: host, port: port), tls: tls,
            options: ServerHandshake.Options(
                user: Array(user.utf8), database: Array(database.utf8),
                password: try passwordFile.map(TextFile.line),
                parameters: parameters.map { StartupMessage.Parameter($0, $1) },
                tls: tls == nil ? .disabled : .required),
            loop: loop)
    }
}

extension GatewayOptions.Place {
    private static let connectTimeout = TimeAmount.seconds(10)

    /// Opens a session.
    /// - Throws: ``SelfTestFault/noSession(_:)``, and whatever connecting throws.
    func session() async throws -> ByteChannel {
        let channel = try await ByteChannel(
            Connector.connect(to: endpoint, on: loop, timeout: Self.connectTimeout) { _ in }.get())
        var handshake = ServerHandshake(options, randomness: try RandomBytes.generate(18))
        var actions = handshake.start()
        while true {
            for action in actions {
                switch action {
                case .send(let bytes): try await channel.send(bytes)
                case .startTLS:
                    guard let tls else { throw SelfTestFault.noSession("it wants TLS") }
                    let facts = try await channel.startTLS { try TLSHandler(context: tls, handshake: $0) }
                    for action in handshake.tlsStarted(
                        channelBinding: facts.serverEndPointBinding,
                        applicationProtocol: facts.applicationProtocol)
                    {
                        if case .send(let bytes) = action { try await channel.send(bytes) }
                        if case .fail(let error) = action { throw SelfTestFault.noSession(error.words) }
                    }
                case .ready: return channel
                case .fail(let error): throw SelfTestFault.noSession(error.words)
                }
            }
            guard let bytes = try await channel.receive() else {
                throw SelfTestFault.noSession("it closed the connection")
            }
            actions = handshake.receive(bytes)
        }
    }
}

extension ServerHandshakeError {
    /// The server's own words where it has said any.
    fileprivate var words: String {
        guard case .refusedByServer(let body) = self else { return reply.message }
        return ServerMessage(type: .errorResponse, body: body).error?.message ?? reply.message
    }
}
