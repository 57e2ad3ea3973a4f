import API
import Audit
import Cryptography
import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// One DatabaseConnection being served: its listeners, its sessions, and the way to its database.
///
/// Lives on one event loop with all of its sessions.
final class ConnectionService {
    let environment: ConnectionEnvironment
    private let recorder: Recorder
    let directory: Directory
    let cancellations = Cancellations()
    let logger: Logger
    private let configuration: GatewayConfiguration
    private let clientTLS: TLSContext?
    private let loop: any EventLoop
    private var sessions: [SessionID: SessionDriver] = [:]
    private var listeners: [any Channel] = []

    init(
        _ environment: ConnectionEnvironment, _ configuration: GatewayConfiguration, recorder: Recorder,
        directory: Directory, clientTLS: TLSContext?, logger: Logger, on loop: any EventLoop
    ) {
        self.environment = environment
        self.configuration = configuration
        self.recorder = recorder
        self.directory = directory
        self.clientTLS = clientTLS
        self.loop = loop
        var logger = logger
        logger[metadataKey: "connection"] = "\(environment.connection.metadata.qualifiedName)"
        self.logger = logger
    }

    // MARK: - Listening

    var sessionCount: Int { sessions.count }

    /// Where clients are expected.
    var endpoints: [Endpoint] {
        let listen = environment.connection.spec.listen
        let tcp = Endpoint.tcp(host: configuration.listenAddress, port: UInt16(listen.port))
        return [tcp] + (listen.unixSocketPath.map { [.unix(path: $0)] } ?? [])
    }

    func add(_ listener: any Channel) {
        listeners.append(listener)
    }

    func stopListening() {
        for listener in listeners { listener.close(promise: nil) }
        listeners.removeAll()
    }

    func accept(_ channel: any Channel) throws {
        let half = { try RandomBytes.generate(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        let id = SessionID(high: try half(), low: try half())
        let address = channel.remoteAddress
        let driver = SessionDriver(
            self, id: id, clientAddress: address.map(Self.text) ?? "unix socket",
            isLocal: address.map(Self.isLocal) ?? true, on: loop)
        try driver.start(channel)
    }

    private static func text(_ address: SocketAddress) -> String {
        guard let host = address.ipAddress, let port = address.port else { return "unix socket" }
        return "\(Endpoint.tcp(host: host, port: UInt16(clamping: port)))"
    }

    /// The loopback interface or a socket of this machine.
    private static func isLocal(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4, .v6:
            guard let text = address.ipAddress else { return false }
            return text.hasPrefix("127.") || text == "::1" || text.hasPrefix("::ffff:127.")
        case .unixDomainSocket: return true
        }
    }

    // MARK: - The log

    /// Events between two looks at the room the log has left.
    private static let capacityCheckInterval = 16

    func record(_ event: AuditEvent, at now: Int64) throws {
        let sequence = try recorder.append(event, at: now)
        if sequence.isMultiple(of: UInt64(Self.capacityCheckInterval)), recorder.isFull {
            environment.canRecord = false
        }
    }

    // MARK: - Sessions

    func opened(_ driver: SessionDriver, _ id: SessionID) {
        sessions[id] = driver
    }

    func closed(_ id: SessionID) {
        sessions[id] = nil
    }

    func shutDownSessions() {
        for driver in Array(sessions.values) { driver.shutDown() }
    }

    /// Running sessions have the limits of a new configuration.
    func limitsChanged() {
        for driver in Array(sessions.values) { driver.awaitLimit() }
    }

    func handshakeOptions(isLocal: Bool) -> ClientHandshake.Options {
        ClientHandshake.Options(
            tls: clientTLS == nil ? .unavailable : configuration.requiresTLS ? .required : .offered,
            isLocal: isLocal, allowsReplication: environment.connection.spec.session.replication == .allow,
            mockSecret: directory.mockSecret)
    }

    func clientTLSHandler(
        alreadyReceived: ByteBuffer?, handshake: EventLoopPromise<TLSFacts>
    ) throws -> TLSHandler? {
        guard let clientTLS else { return nil }
        return try TLSHandler(context: clientTLS, alreadyReceived: alreadyReceived, handshake: handshake)
    }

    // MARK: - The database

    func connect(_ configure: @escaping @Sendable (any Channel) throws -> Void) -> EventLoopFuture<
        any Channel
    > {
        let upstream = environment.connection.spec.upstream
        let (seconds, attoseconds) = upstream.connectTimeout.components
        let timeout = TimeAmount.milliseconds(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        return Connector.connect(to: upstream.endpoint, on: loop, timeout: timeout, configure: configure)
    }

    /// The secrets are read for each log-in, so that a rotated password is used at once.
    func login() throws -> PostgreSQLSession.Login {
        guard case .secret(let reference) = environment.connection.spec.credentials else {
            throw GatewayFault.credentialsUnsupported
        }
        let secrets = SecretFolder(path: configuration.secrets)
        return PostgreSQLSession.Login(
            user: try secrets.read(SecretKeyReference(name: reference.name, key: reference.usernameKey)),
            password: try secrets.read(SecretKeyReference(name: reference.name, key: reference.passwordKey)),
            tls: environment.connection.spec.upstream.tls.mode == .disable ? .disabled : .required)
    }

    func serverTLSHandler(handshake: EventLoopPromise<TLSFacts>) throws -> TLSHandler {
        let upstream = environment.connection.spec.upstream
        let authorities = try upstream.tls.caConfigMapRef.map { reference in
            try SecretFolder(path: configuration.secrets)
                .read(SecretKeyReference(name: reference.name, key: reference.key))
        }
        let verification: TLSContext.Verification =
            switch upstream.tls.mode {
            case .verifyFull: .full(serverName: upstream.tls.serverName ?? upstream.host)
            case .verifyCA: .certificateAuthority
            case .require, .disable: .none
            }
        let context = try TLSContext.client(
            verification: verification, certificateAuthoritiesPEM: authorities,
            applicationProtocol: ClientHandshake.applicationProtocol)
        return try TLSHandler(context: context, handshake: handshake)
    }

    /// Has the database cancel what the key's owner is running; who asks is not told whether there was one.
    func cancel(_ key: CancelRequest) {
        guard let request = cancellations.request(for: key) else { return }
        var bytes: [UInt8] = []
        request.write(to: &bytes)
        let packet = ByteBuffer(bytes: bytes)
        connect { _ in }.whenSuccess { channel in
            channel.writeAndFlush(packet).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}

extension DatabaseConnection.Upstream {
    /// A host that is a path is the folder of a server's socket, as libpq has it.
    fileprivate var endpoint: Endpoint {
        host.hasPrefix("/") ? .unix(path: "\(host)/.s.PGSQL.\(port)") : .tcp(host: host, port: UInt16(port))
    }
}
