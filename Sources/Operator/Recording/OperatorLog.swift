import API
import Audit
import Cryptography
import Kubernetes
import Logging
import NIOCore
import Shipping

/// The operator's own audit log: whom it refused grants and sign-ins, how what ran by a broken glass was reviewed, which
/// requests for approval were withdrawn for gateways that are gone, and who has removed what it was told of, or revoked or
/// restored an identity. Numbered, chained, signed and sent to the sink as a gateway's is.
actor OperatorLog {
    /// Where it is, in the folder of what the operator keeps.
    static let folderName = "audit"
    /// What it may take on disk, in bytes; with kinds as bounded as they are, a flood takes hours to fill it without a sink.
    private static let bufferByteCount = 64 << 20
    private static let segmentByteCount = 4 << 20
    /// Between two signatures, which let records be sent.
    static let signInterval = Duration.milliseconds(500)
    /// Time for the rest of the log to reach the sink at the end.
    private static let lastShipTime = Duration.seconds(5)

    private let recorder: Recorder
    private let signInterval: Duration
    private let connection: SinkConnection?
    private let shipper: Shipper?
    private var tally = RefusalTally()
    private var waiting = WaitingEvents()
    private var isFailing = false
    private let logger: Logger
    private let now: @Sendable () -> Kubernetes.Timestamp

    /// - Parameters:
    ///   - data: the folder of what the operator keeps.
    ///   - name: of this replica; a digest of the log's key is added to it.
    ///   - sink: `nil`: the log is kept where it is.
    ///   - loop: of the connection to the sink.
    ///   - signInterval: between two signatures.
    ///   - logger: told when nothing can be recorded or sent.
    ///   - now: the wall clock.
    /// - Throws: `RecorderError`.
    init(
        data: String, name: String, sink: SinkAddress?, on loop: any EventLoop,
        signInterval: Duration = OperatorLog.signInterval, logger: Logger,
        now: @escaping @Sendable () -> Kubernetes.Timestamp
    ) throws {
        let folder = "\(data)/\(Self.folderName)"
        let (unique, key) = try GatewayKey.loadOrCreate(folder: folder, ofPod: name)
        recorder = try Recorder(
            folder: "\(folder)/\(Spool.folderName)", gatewayName: unique, key: key,
            limits: Recorder.Limits(
                bufferByteCount: Self.bufferByteCount, segmentByteCount: Self.segmentByteCount),
            at: now().microseconds)
        connection = sink.map { SinkConnection($0, on: loop) }
        shipper = connection.map { [spool = recorder.spool] in
            Shipper(spool, writer: unique, connection: $0, logger: logger)
        }
        self.signInterval = signInterval
        self.logger = logger
        self.now = now
    }

    /// Longest text recorded, in Unicode scalars: what is refused says whatever it likes.
    private static let maximumTextLength = 512

    /// Recorded, or counted, when it returns: before who was refused is told.
    func note(_ refusal: SessionRefused, isGenuine: Bool) {
        func bounded(_ text: String) -> String {
            String(text.unicodeScalars.prefix(Self.maximumTextLength))
        }
        var refusal = refusal
        refusal.claimedUser = bounded(refusal.claimedUser)
        refusal.connection = bounded(refusal.connection)
        refusal.reason = bounded(refusal.reason)
        let told = tally.note(refusal, isGenuine: isGenuine, at: seconds)
        if let told { record(told, isGenuine: isGenuine) }
    }

    /// What became of a request, among the records of the session that asked.
    func note(_ approval: ApprovalRecorded) {
        append(
            AuditEvent(session: approval.session, body: .approval(approval)),
            unless: "the end of a request for approval is not recorded", of: approval.request)
    }

    /// Who has removed a connection, policy or rule, or what was done to an identity by whom.
    func note(change: String) {
        append(
            AuditEvent(
                session: .gateway,
                body: .configurationApplied(ConfigurationApplied(revision: "", changes: [change]))),
            unless: "a change is not recorded", of: change)
    }

    private func append(_ event: AuditEvent, unless failure: Logger.Message, of subject: String) {
        do throws(RecorderError) {
            try recordWaiting()
            _ = try recorder.append(event, at: now().microseconds)
        } catch {
            let isKept = error != .recordTooLong && waiting.keep(event)
            logger.error(
                failure, metadata: ["of": "\(subject)", "error": "\(error)", "waits": "\(isKept)"])
        }
    }

    private func recordWaiting() throws(RecorderError) {
        try waiting.record { event throws(RecorderError) in
            _ = try recorder.append(event, at: now().microseconds)
        }
    }

    /// Tells what was counted, signs and ships until the task is cancelled.
    func run() async {
        await withTaskGroup { [shipper] group in
            if let shipper { group.addTask { await shipper.run() } }
            while (try? await Task.sleep(for: signInterval)) != nil {
                for (refusal, isGenuine) in tally.due(at: seconds) { record(refusal, isGenuine: isGenuine) }
                try? recordWaiting()
                sign(.interval)
            }
        }
    }

    /// Ships the rest, after ``run()``.
    func end() async {
        for (refusal, isGenuine) in tally.takeAll() { record(refusal, isGenuine: isGenuine) }
        try? recordWaiting()
        sign(.shutdown)
        await shipper?.shipRest(within: Self.lastShipTime)
        await connection?.close()
    }

    private var seconds: Int64 { now().microseconds / 1_000_000 }

    private func record(_ refusal: SessionRefused, isGenuine: Bool) {
        let event = AuditEvent(session: .gateway, body: .sessionRefused(refusal))
        do {
            _ = try recorder.append(event, at: now().microseconds)
            isFailing = false
        } catch {
            tally.keep(refusal, isGenuine: isGenuine, at: seconds)
            if !isFailing { logger.error("refusals are only counted", metadata: ["error": "\(error)"]) }
            isFailing = true
        }
    }

    private func sign(_ reason: SignedHead.Reason) {
        do { try recorder.signHead(reason, at: now().microseconds) } catch {
            logger.error("log head not signed", metadata: ["error": "\(error)"])
        }
    }
}
