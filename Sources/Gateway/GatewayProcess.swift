import API
import Audit
package import Logging
import Manifests
import NIOCore
import Networking

/// A running gateway: reads its configuration, serves every connection of its namespace, ships its log.
///
/// One event loop serves all sessions, with the recorder and the policies in force; another ships.
package struct GatewayProcess {
    package static let version = "0.1.0"
    /// How often the manifests are looked at.
    static let watchInterval = Duration.milliseconds(250)
    /// How often the head of the log is signed, which lets it be shipped.
    static let signInterval = TimeAmount.milliseconds(500)
    /// How often the sessions' peers are looked after.
    static let peerCheckInterval = TimeAmount.seconds(10)
    /// Time running sessions have to end by themselves once the gateway stops.
    static let drainTime = Duration.seconds(20)
    /// Time for the rest of the log to reach the sink at the end.
    static let lastShipTime = Duration.seconds(5)

    private let configuration: GatewayConfiguration
    private let logger: Logger

    package init(_ configuration: GatewayConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, then drains.
    /// - Throws: `ManifestFaults`, ``GatewayFault`` or ``SecretFault`` when it cannot start as configured.
    package func run() async throws {
        Heap.mapLongBlocks()
        let loaded = FolderFingerprint(of: configuration.manifests)
        let manifests = try load()
        let loops = EventLoops.start(count: 2)
        let (sessions, control) = (loops.next(), loops.next())
        let serving = try await start(manifests, on: sessions)
        let spool = try await sessions.submit { serving.value.recorder.spool }.get()
        let client = try HTTPClient(baseURL: BaseURL(configuration.sink), on: control)
        let shipper = Shipper(spool, gatewayName: configuration.name, client: client, logger: logger)
        // Weakly: the connection to the sink is to be closed before its event loop is.
        let ticking = sessions.scheduleRepeatedTask(
            initialDelay: Self.signInterval, delay: Self.signInterval
        ) { [weak shipper] _ in
            serving.value.tick(isSinkAvailable: shipper?.isSinkAvailable ?? true)
        }
        let checking = sessions.scheduleRepeatedTask(
            initialDelay: Self.peerCheckInterval, delay: Self.peerCheckInterval
        ) { _ in serving.value.checkPeers() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await shipper.run() }
            group.addTask { await watch(serving, since: loaded, on: sessions) }
            await TerminationSignal.wait()
            logger.notice("stopping")
            try await drain(serving, on: sessions)
            group.cancelAll()
        }
        checking.cancel()
        ticking.cancel()
        try await shipRest(shipper, serving, spool, on: sessions)
        await client.close()
        try await loops.shutdownGracefully()
    }

    private func load() throws -> ManifestSet {
        let manifests = try ManifestSet.load(
            folder: configuration.manifests, namespace: configuration.namespace)
        guard !manifests.connections.isEmpty else {
            throw GatewayFault.noConnections(namespace: configuration.namespace)
        }
        if let other = manifests.connections.first(where: { $0.spec.protocol != .postgres }) {
            throw GatewayFault.protocolUnsupported(connection: other.metadata.qualifiedName)
        }
        for warning in manifests.warnings { logger.warning("manifest", metadata: ["warning": "\(warning)"]) }
        return manifests
    }

    private func start(
        _ manifests: ManifestSet, on loop: any EventLoop
    ) async throws -> NIOLoopBound<Serving> {
        let bufferByteCount = manifests.connections.map(\.spec.failureMode.auditBufferBytes).max() ?? 0
        let (configuration, logger) = (configuration, logger)
        let serving = try await loop.submit {
            let serving = try Serving(
                configuration, bufferByteCount: bufferByteCount, logger: logger, on: loop)
            return NIOLoopBound(serving, eventLoop: loop)
        }.get()
        try await apply(manifests, to: serving, on: loop)
        return serving
    }

    // MARK: - Configuration

    private func apply(
        _ manifests: ManifestSet, to serving: NIOLoopBound<Serving>, on loop: any EventLoop
    ) async throws {
        let missing = try await loop.submit { try serving.value.apply(manifests) }.get()
        for (connection, place) in missing {
            let listener = try await Listener.bind(
                place.endpoint, permissions: place.permissions, on: loop
            ) { channel in
                try serving.value.accept(channel, for: connection)
            }
            try await loop.submit { serving.value.add(listener, for: connection) }.get()
            logger.notice(
                "listening", metadata: ["connection": "\(connection)", "address": "\(place.endpoint)"])
        }
        logger.notice("configuration in force", metadata: ["revision": "\(manifests.revision.prefix(12))"])
    }

    /// Takes up every change of the manifests; one that does not load leaves the last good configuration in force.
    ///
    /// A file that is being written may be valid and lack the rules at its end: only what has stayed the same from
    /// one look to the next, and while it was read, is taken.
    private func watch(
        _ serving: NIOLoopBound<Serving>, since loaded: FolderFingerprint, on loop: any EventLoop
    ) async {
        var (known, seen) = (loaded, loaded)
        while (try? await Task.sleep(for: Self.watchInterval)) != nil {
            let current = FolderFingerprint(of: configuration.manifests)
            let isSettled = current == seen
            seen = current
            guard current != known, isSettled else { continue }
            do {
                let manifests = try load()
                guard FolderFingerprint(of: configuration.manifests) == current else { continue }
                known = current
                try await apply(manifests, to: serving, on: loop)
            } catch {
                known = current
                let faults = (error as? ManifestFaults)?.faults.map { "\($0)" } ?? ["\(error)"]
                logger.error(
                    "configuration refused; the last good one stays in force",
                    metadata: ["faults": "\(faults.joined(separator: "; "))"])
                try? await loop.submit { serving.value.reject(faults) }.get()
            }
        }
    }

    // MARK: - The end

    private func drain(_ serving: NIOLoopBound<Serving>, on loop: any EventLoop) async throws {
        try await loop.submit { serving.value.stopListening() }.get()
        let end = ContinuousClock.now + Self.drainTime
        while try await loop.submit({ serving.value.sessionCount }).get() > 0, .now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await loop.submit { serving.value.shutDownSessions() }.get()
    }

    private func shipRest(
        _ shipper: Shipper, _ serving: NIOLoopBound<Serving>, _ spool: Spool, on loop: any EventLoop
    ) async throws {
        try await loop.submit { try serving.value.recorder.signHead(.shutdown, at: WallClock.now()) }.get()
        var reader = SpoolReader(spool)
        let end = ContinuousClock.now + Self.lastShipTime
        while .now < end {
            do {
                guard try await shipper.shipBatch(&reader) else { return }
            } catch {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
