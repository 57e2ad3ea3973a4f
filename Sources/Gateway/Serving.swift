import API
import Audit
import Cryptography
import Identity
import Logging
import Manifests
import Masking
import NIOCore
import Networking
import Session
import Telemetry
import WireProtocols

/// What lives on the sessions' event loop: the log, the policies in force, and a service for each connection.
final class Serving {
    let recorder: Recorder
    /// By which the gateway signs, and the sink knows it.
    let gatewayName: String
    private let configuration: GatewayConfiguration
    let approvals: ApprovalDesk
    private let directory: Directory
    private let clientTLS: ClientTLS?
    private let gatewayKey: [UInt8]
    private let logger: Logger
    private let loop: any EventLoop
    private(set) var services: [String: ConnectionService] = [:]
    /// Those in force; `nil` until there are any.
    private(set) var manifests: ManifestSet?
    private var places = OpenPlaces()
    let start = ContinuousClock.now
    /// Since when nobody has confirmed the configuration in force; `nil`: it is confirmed.
    var unconfirmedSince: ContinuousClock.Instant? {
        didSet { checkStaleness() }
    }

    /// Derives the key of salts from the gateway's own, as masking does for each of its purposes.
    private static let saltPurpose = "weir log-in v1: salts"

    init(_ configuration: GatewayConfiguration, bufferByteCount: Int, logger: Logger, on loop: any EventLoop)
        throws
    {
        self.configuration = configuration
        self.logger = logger
        self.loop = loop
        let key: Ed25519.PrivateKey
        (gatewayName, key) = try configuration.identity()
        recorder = try Recorder(
            folder: "\(configuration.data)/\(Spool.folderName)", gatewayName: gatewayName, key: key,
            limits: Recorder.Limits(bufferByteCount: bufferByteCount), at: WallClock.now())
        gatewayKey = try KeyFile.loadOrCreate(configuration.data + "/masking.key")
        var derivation = HMACSHA256(key: gatewayKey)
        directory = Directory(
            configuration, mockSecret: derivation.authenticationCode(for: Array(Serving.saltPurpose.utf8)))
        approvals = ApprovalDesk(hasOperator: configuration.controlPlane != nil)
        clientTLS = try configuration.clientTLS.map { try ClientTLS($0, logger: logger) }
        record(.gatewayStarted(GatewayStarted(version: Release.version)))
    }

    // MARK: - Configuration

    /// Where has to be listened before a configuration can be put in force.
    /// - Throws: what keeps it from being served.
    func missingPlaces(for manifests: ManifestSet) throws -> [ListeningPlace] {
        _ = try maskingKeys(of: manifests)
        return placesMissing(of: manifests)
    }

    /// Puts a configuration in force, for running sessions from their next statement on. Connections that are
    /// gone lose their sessions. `openings` are its missing places.
    /// - Throws: before anything has changed.
    func apply(_ manifests: ManifestSet, _ openings: [OpenPlaces.Opening]) throws {
        let keys = try maskingKeys(of: manifests)
        for name in Set(services.keys).subtracting(manifests.connections.map(\.metadata.qualifiedName)) {
            services[name]?.shutDownSessions()
            services[name] = nil
        }
        for connection in manifests.connections {
            if let service = services[connection.metadata.qualifiedName] {
                service.environment.replace(
                    connection: connection, maskingPolicies: manifests.maskingPolicies,
                    approvalRules: manifests.approvalRules, keys: keys)
                service.limitsChanged()
                service.checkIdentities()
            } else {
                let environment = ConnectionEnvironment(
                    connection: connection, maskingPolicies: manifests.maskingPolicies,
                    approvalRules: manifests.approvalRules, keys: keys)
                services[connection.metadata.qualifiedName] = ConnectionService(
                    environment, configuration, recorder: recorder, directory: directory,
                    approvals: approvals, clientTLS: clientTLS, logger: logger, on: loop)
            }
        }
        places.change(to: expectedPlaces(of: manifests), with: openings)
        for (place, _) in openings {
            guard let remedy = configuration.cleartextRemedy(at: place.endpoint) else { continue }
            logger.warning(
                "clients are served without TLS at an address that others reach",
                metadata: ["address": "\(place.endpoint)", "remedy": "\(remedy)"])
        }
        for connection in manifests.connections { tellSecretFaults(of: connection) }
        let changes = manifests.changes(since: self.manifests)
        self.manifests = manifests
        for place in placesMissing(of: manifests) {
            logger.error(
                "a socket is closed: its permissions cannot be changed",
                metadata: ["address": "\(place.endpoint)"])
        }
        record(.configurationApplied(ConfigurationApplied(revision: manifests.revision, changes: changes)))
        checkStaleness()
    }

    /// Nothing is refused for them: a secret may come later, and is read for each log-in.
    private func tellSecretFaults(of connection: DatabaseConnection) {
        for fault in DatabaseAccess(to: connection, secrets: configuration.secrets).secretFaults() {
            logger.warning(
                "no log-in to the database is possible yet",
                metadata: [
                    "connection": "\(connection.metadata.qualifiedName)", "reason": "\(fault)",
                    "remedy": "have \(configuration.secrets) hold it as SECRET/KEY; the next log-in reads it",
                ])
        }
    }

    private func expectedPlaces(
        of manifests: ManifestSet
    ) -> [(place: ListeningPlace, connection: String)] {
        manifests.connections.flatMap { connection in
            configuration.places(of: connection).map { ($0, connection.metadata.qualifiedName) }
        }
    }

    private func placesMissing(of manifests: ManifestSet) -> [ListeningPlace] {
        places.missing(of: expectedPlaces(of: manifests).map(\.place))
    }

    /// Places where clients are expected and nobody listens.
    var missingListenerCount: Int { manifests.map { placesMissing(of: $0).count } ?? 0 }

    /// The configuration stays as it was; the log tells why.
    func reject(_ faults: [String]) {
        record(.configurationApplied(ConfigurationApplied(revision: "", faults: faults)))
    }

    /// Whom sessions were opened for since the last call, and workloads that have some.
    func takeIdentityUses() -> IdentityUses {
        for service in services.values {
            guard let workload = service.servedWorkload else { continue }
            directory.noteSession(of: workload, with: service.environment.connection)
        }
        return directory.takeUses()
    }

    /// Who the pod is, for running sessions too; `nil`: the operator refuses it.
    func attested(_ workload: AttestedWorkload?) {
        directory.attested(workload)
        for service in services.values { service.checkIdentities() }
    }

    /// Whether it is known who the clients of this machine are, where some connection has such.
    var isWorkloadKnown: Bool {
        directory.isWorkloadKnown
            || !services.values.contains { $0.environment.connection.spec.identity.workload }
    }

    /// Whether it is known what tokens and grants are verified by, where some connection takes any.
    var isAuthorityKnown: Bool {
        directory.isAuthorityKnown
            || !services.values.contains { $0.environment.connection.spec.identity.hasIssuers }
    }

    /// Puts in force what tokens and grants are verified by, for running sessions too.
    /// - Returns: whether the line is one.
    func take(authority line: [UInt8]) -> Bool {
        guard directory.take(authority: line) else { return false }
        for service in services.values { service.checkIdentities() }
        return true
    }

    func authorityConfirmed(_ revision: String) { directory.authorityConfirmed(revision) }

    var unconfirmedTime: Duration? { unconfirmedSince.map { .now - $0 } }

    private func checkStaleness() {
        let time = unconfirmedTime
        for service in services.values {
            let failureMode = service.environment.connection.spec.failureMode
            service.environment.isConfigurationCurrent = failureMode.permits(unconfirmedFor: time)
        }
    }

    private func maskingKeys(of manifests: ManifestSet) throws -> MaskingKeys {
        let secrets = SecretFolder(path: configuration.secrets)
        var keys: [SecretKeyReference: [UInt8]] = [:]
        for reference in manifests.maskingPolicies.flatMap(\.spec.rules).compactMap(\.action.key) {
            let key = try secrets.read(reference)
            guard key.count >= MaskingKeys.minimumKeyLength else {
                throw SecretFault.tooShort(reference, minimum: MaskingKeys.minimumKeyLength)
            }
            keys[reference] = key
        }
        return try MaskingKeys(gateway: gatewayKey, secrets: keys)
    }

    // MARK: - Sessions

    func accept(_ channel: any Channel, at endpoint: Endpoint) throws {
        guard let service = places.connection(at: endpoint).flatMap({ services[$0] }) else {
            throw NetworkingError.connectionClosed
        }
        try service.accept(channel)
    }

    /// For good: configurations may come still.
    func stopListening() { places.close() }

    func shutDownSessions() {
        for service in services.values { service.shutDownSessions() }
    }

    /// Ends the sessions whose connection gives them no more time.
    func shutDownSessions(after elapsed: Duration, of drain: Drain) {
        for service in services.values {
            let drainTimeout = service.environment.connection.spec.sidecar.drainTimeout
            if drain.isOver(after: elapsed, forConnectionWith: drainTimeout) { service.shutDownSessions() }
        }
    }

    /// Ends what peers have left that have vanished without a word.
    func checkPeers() {
        for service in services.values { service.checkPeers() }
    }

    /// Looks whether there are other users, or other passwords.
    func checkUsers() { directory.deriveVerifiers(atMost: Directory.derivationLimit) }

    var sessionCount: Int { services.values.reduce(0) { $0 + $1.sessionCount } }

    // MARK: - The log

    /// Signs the log's head, and tells the sessions whether the log takes another statement.
    func tick(isSinkAvailable: Bool) {
        do { try recorder.signHead(.interval, at: WallClock.now()) } catch {
            logger.error("log head not signed", metadata: ["error": "\(error)"])
        }
        for service in services.values {
            let mayBuffer = service.environment.connection.spec.failureMode.auditUnavailable == .buffer
            service.environment.canRecord = !recorder.isFull && (isSinkAvailable || mayBuffer)
        }
        checkStaleness()
    }

    private func record(_ body: AuditEvent.Body) {
        do { _ = try recorder.append(AuditEvent(session: .gateway, body: body), at: WallClock.now()) } catch {
            logger.error("event not recorded", metadata: ["error": "\(error)"])
        }
    }
}

extension MaskingAction {
    /// The secret the action names.
    fileprivate var key: SecretKeyReference? {
        switch self {
        case .hash(let key), .tokenize(let key), .dateShift(_, let key): key
        case .redact, .null, .partial, .generalize, .denyQuery: nil
        }
    }
}
