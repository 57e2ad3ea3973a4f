import API
import Audit
import Cryptography
import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// One DatabaseConnection being served: its sessions, and the way to its database.
///
/// Lives on one event loop with all of its sessions.
final class ConnectionService {
    let environment: ConnectionEnvironment
    private let recorder: Recorder
    let directory: Directory
    let approvals: ApprovalDesk
    let cancellations = Cancellations()
    let logger: Logger
    let configuration: GatewayConfiguration
    private let clientTLS: ClientTLS?
    let loop: any EventLoop
    private var sessions: [SessionID: SessionDriver] = [:]
    private(set) var counts = SessionCounts()

    init(
        _ environment: ConnectionEnvironment, _ configuration: GatewayConfiguration, recorder: Recorder,
        directory: Directory, approvals: ApprovalDesk, clientTLS: ClientTLS?, logger: Logger,
        on loop: any EventLoop
    ) {
        self.environment = environment
        self.configuration = configuration
        self.recorder = recorder
        self.directory = directory
        self.approvals = approvals
        self.clientTLS = clientTLS
        self.loop = loop
        var logger = logger
        logger[metadataKey: "connection"] = "\(environment.connection.metadata.qualifiedName)"
        self.logger = logger
    }

    // MARK: - The log

    /// Events between two looks at the room the log has left.
    private static let capacityCheckInterval = 16

    func record(_ event: AuditEvent, at now: Int64) throws {
        let sequence = try recorder.append(event, at: now)
        counts.count(event)
        if sequence.isMultiple(of: UInt64(Self.capacityCheckInterval)), recorder.isFull {
            environment.canRecord = false
        }
    }

    // MARK: - Sessions

    var sessionCount: Int { sessions.count }

    /// A client has come.
    func accept(_ channel: any Channel) throws {
        let half = { try RandomBytes.generate(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        let id = SessionID(high: try half(), low: try half())
        let peer = PeerAddress(channel.remoteAddress)
        let driver = SessionDriver(
            self, id: id, clientAddress: peer.description, isLocal: peer.isLocal, on: loop)
        try driver.start(channel)
    }

    func opened(_ driver: SessionDriver, _ id: SessionID) {
        sessions[id] = driver
    }

    func closed(_ id: SessionID) {
        sessions[id] = nil
    }

    func shutDownSessions() {
        for driver in Array(sessions.values) { driver.shutDown() }
    }

    func checkPeers() {
        // Whoever is acted for is looked at again, by a clock that does not go back.
        environment.identityOccasions += 1
        for driver in sessions.values { driver.checkPeers() }
    }

    /// Running sessions have the limits of a new configuration.
    func limitsChanged() {
        for driver in Array(sessions.values) { driver.awaitLimit() }
    }

    /// The workload, if it has a session.
    var servedWorkload: Subject? {
        sessions.values.lazy.compactMap(\.subject).first { $0.proof == .workload }
    }

    /// Ends the sessions whose identity does not hold any more.
    func checkIdentities() {
        environment.identityOccasions += 1
        for driver in Array(sessions.values) { driver.checkIdentity() }
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
        return try TLSHandler(
            context: clientTLS.context(), alreadyReceived: alreadyReceived, handshake: handshake)
    }
}
