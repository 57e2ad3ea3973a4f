import API
import Audit
import Identity
package import Logging
import Manifests
import NIOCore
import Networking
import Shipping
import Telemetry

/// A running gateway: reads its configuration, serves every connection of its namespace, ships its log.
///
/// One event loop serves all sessions, with the recorder and the policies in force; another ships, follows the
/// operator and answers probes.
package struct GatewayProcess {
    /// How often the head of the log is signed, which lets it be shipped.
    static let signInterval = TimeAmount.milliseconds(500)
    /// How often the sessions' peers and the gateway's users are looked after.
    static let peerCheckInterval = TimeAmount.seconds(10)
    /// How often the age of the configuration is looked at.
    static let ageCheckInterval = Duration.seconds(1)
    /// How often is looked whether the sessions have ended.
    static let drainInterval = Duration.milliseconds(50)
    /// Time for the rest of the log to reach the sink at the end.
    static let lastShipTime = Duration.seconds(5)

    private let configuration: GatewayConfiguration
    private let folder: ConfigurationFolder
    private let logger: Logger

    package init(_ configuration: GatewayConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        folder = ConfigurationFolder(configuration, logger: logger)
    }

    /// Runs until SIGTERM or SIGINT, or until told to quit, then drains.
    /// - Throws: `ManifestFaults`, ``GatewayFault`` or ``SecretFault`` when it cannot start as configured.
    package func run() async throws {
        try configuration.check()
        Heap.mapLongBlocks()
        let termination = Termination()
        let signals = Task {
            await TerminationSignal.wait()
            termination.request(.signal)
        }
        defer { signals.cancel() }
        let loops = EventLoops.start(count: 2)
        let (sessions, control) = (loops.next(), loops.next())
        let health = GatewayHealth()
        try await listen(for: health, termination, on: control)
        let kept = KeptConfiguration(data: configuration.data)
        if let (precedence, fingerprint) = try await folder.first(after: kept, unless: termination) {
            try await serve(
                precedence, kept, since: fingerprint, health, until: termination, on: sessions,
                control: control)
        }
        try await loops.shutdownGracefully()
    }

    private func listen(
        for health: GatewayHealth, _ termination: Termination, on loop: any EventLoop
    ) async throws {
        if let address = configuration.healthAddress {
            _ = try await HTTPListener.bind(address, on: loop) { await health.answer($0) }
        }
        if let port = configuration.shutdownPort {
            _ = try await HTTPListener.bind(.tcp(host: "127.0.0.1", port: port), on: loop) { request in
                guard request.path == "/quit" else { return HTTPResponse(status: 404) }
                guard request.method == .post else { return HTTPResponse(status: 405) }
                termination.request(.quit)
                return HTTPResponse(status: 202)
            }
        }
    }

    private func serve(
        _ precedence: ConfigurationPrecedence, _ kept: KeptConfiguration,
        since fingerprint: FolderFingerprint,
        _ health: GatewayHealth, until termination: Termination, on sessions: any EventLoop,
        control: any EventLoop
    ) async throws {
        let serving = try await start(for: precedence.first(at: .now), on: sessions)
        let (spool, name) = try await sessions.submit {
            (serving.value.recorder.spool, serving.value.gatewayName)
        }
        .get()
        let connection = SinkConnection(configuration.sinkAddress, on: control)
        let shipper = Shipper(spool, writer: name, connection: connection, logger: logger)
        let intake = ConfigurationIntake(precedence, keeping: kept, serving, on: sessions, logger: logger)
        try await intake.begin()
        let stream = configuration.controlPlane.map {
            ConfigurationStream(configuration, to: $0, intake, on: control, logger: logger)
        }
        let notices = try await sessions.submit { serving.value.approvals.notices }.get()
        let poster = configuration.controlPlane.map {
            ApprovalPoster(
                operatorAddress: $0, notices: notices, answered: { await intake.approvalAnswered($0) },
                loop: control, logger: logger)
        }
        let reporter = configuration.controlPlane.map {
            IdentityReporter(
                operatorAddress: $0,
                uses: {
                    (try? await sessions.submit { serving.value.takeIdentityUses() }.get()) ?? IdentityUses()
                }, loop: control, logger: logger)
        }
        health.use { [weak shipper] in
            guard
                case (let readiness, var metrics)? = try? await sessions.submit({
                    (serving.value.readiness, serving.value.metrics)
                }).get()
            else { return nil }
            metrics.isSinkAvailable = shipper?.isSinkAvailable ?? false
            metrics.stream = stream?.snapshot
            return (readiness, metrics)
        }
        // Weakly: the connection to the sink is to be closed before its event loop is.
        let ticking = sessions.scheduleRepeatedTask(
            initialDelay: Self.signInterval, delay: Self.signInterval
        ) { [weak shipper] _ in
            serving.value.tick(isSinkAvailable: shipper?.isSinkAvailable ?? true)
        }
        let checking = sessions.scheduleRepeatedTask(
            initialDelay: Self.peerCheckInterval, delay: Self.peerCheckInterval
        ) { _ in
            serving.value.checkPeers()
            serving.value.checkUsers()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await shipper.run() }
            group.addTask { await folder.watch(since: fingerprint) { await intake.folderChanged($0) } }
            if let stream {
                group.addTask { await stream.run() }
                group.addTask { await poster?.run() }
                group.addTask { await reporter?.run() }
                group.addTask { await checkAge(intake) }
            }
            let reason = await termination.wait()
            logger.notice("stopping")
            health.stop()
            let drain = Drain(
                limit: configuration.drainTimeout, after: reason,
                besideApplication: configuration.shutdownPort != nil)
            try await perform(drain, serving, on: sessions)
            group.cancelAll()
        }
        checking.cancel()
        ticking.cancel()
        try await sessions.submit { try serving.value.recorder.signHead(.shutdown, at: WallClock.now()) }
            .get()
        await shipper.shipRest(within: Self.lastShipTime)
        await connection.close()
    }

    private func start(
        for manifests: ManifestSet, on loop: any EventLoop
    ) async throws -> NIOLoopBound<Serving> {
        let bufferByteCount = manifests.connections.map(\.spec.failureMode.auditBufferBytes).max() ?? 0
        let (configuration, logger) = (configuration, logger)
        return try await loop.submit {
            let serving = try Serving(
                configuration, bufferByteCount: bufferByteCount, logger: logger, on: loop)
            return NIOLoopBound(serving, eventLoop: loop)
        }.get()
    }

    private func checkAge(_ intake: ConfigurationIntake) async {
        while (try? await Task.sleep(for: Self.ageCheckInterval)) != nil { await intake.timePassed() }
    }

    // MARK: - The end

    private func perform(
        _ drain: Drain, _ serving: NIOLoopBound<Serving>, on loop: any EventLoop
    ) async throws {
        let begin = ContinuousClock.now
        if !drain.keepsListening { try await loop.submit { serving.value.stopListening() }.get() }
        while true {
            let elapsed = ContinuousClock.now - begin
            let count = try await loop.submit {
                serving.value.shutDownSessions(after: elapsed, of: drain)
                return serving.value.sessionCount
            }.get()
            if drain.isOver(after: elapsed, sessionCount: count) { break }
            try await Task.sleep(for: Self.drainInterval)
        }
        try await loop.submit {
            serving.value.stopListening()
            serving.value.shutDownSessions()
        }.get()
    }
}
