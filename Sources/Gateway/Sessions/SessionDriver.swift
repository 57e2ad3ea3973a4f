import API
import Audit
import Cryptography
import Logging
import NIOCore
import Networking
import Session
import Telemetry
import WireProtocols

/// Performs what one session wants, in its order: records first, then bytes, then requests.
///
/// Everything happens on the session's event loop; it decides nothing.
final class SessionDriver {
    /// Time a client has to log in, and the database to answer; PostgreSQL's `authentication_timeout`.
    static let loginTimeout = TimeAmount.seconds(60)
    /// Time a peer has to take what was sent last before its connection is cut.
    static let lingerTime = TimeAmount.seconds(5)
    /// How much later than its moment a limit is looked at, so that it has passed.
    static let limitResolution = TimeAmount.milliseconds(1)

    let service: ConnectionService
    let session: PostgreSQLSession
    let id: SessionID
    let isLocal: Bool
    let loop: any EventLoop
    private(set) var client: Leg?
    var server: Leg?
    /// Where ``server`` leads.
    var serverAddress: ServerAddress?
    /// Counts what has been tried on the way to a server.
    var attempt: UInt64 = 0
    /// The server being tried has not said anything yet.
    var isServerSilent = false
    private var isFirstRead = true
    /// What is being performed; empty in between, with room that the session uses next.
    private var output = SessionOutput()
    private var deadline: Scheduled<Void>?
    /// For the session's own limits, once it has begun.
    private var limit: Scheduled<Void>?
    /// The moment what proved the client's identity expires.
    private var identityEnd: Scheduled<Void>?
    private var cancelKey: CancelRequest?
    private(set) var isClosed = false

    init(
        _ service: ConnectionService, id: SessionID, clientAddress: String, isLocal: Bool,
        on loop: any EventLoop
    ) {
        self.service = service
        self.id = id
        self.isLocal = isLocal
        self.loop = loop
        session = PostgreSQLSession(
            environment: service.environment,
            origin: PostgreSQLSession.Origin(
                id: id, clientAddress: clientAddress, handshake: service.handshakeOptions(isLocal: isLocal)))
    }

    func start(_ channel: any Channel) throws {
        let leg = Leg(.client, of: self)
        client = leg
        try channel.pipeline.syncOperations.addHandler(leg)
        setDeadline(in: Self.loginTimeout)
        service.opened(self, id)
    }

    /// In place of the deadline there was.
    func setDeadline(in time: TimeAmount) {
        deadline?.cancel()
        deadline = loop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.session.deadlinePassed()
            self?.perform()
        }
    }

    /// Whatever happens to the clock meanwhile.
    func endIdentity(in time: TimeAmount) {
        identityEnd = loop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.session.identityEnded(.expired)
            self?.perform()
        }
    }

    // MARK: - Events

    func received(_ buffer: ByteBuffer, from side: LegSide) {
        if side == .client, isFirstRead {
            isFirstRead = false
            if let first = buffer.readableBytesView.first, StartupPacket.isTLSClientHello(firstByte: first) {
                return startClientTLS(alreadyReceived: buffer)
            }
        }
        let now = WallClock.now()
        let bytes = buffer.readableBytesUInt8Span
        switch side {
        case .client: session.receive(client: bytes, at: now)
        case .server:
            if isServerSilent {
                isServerSilent = false
                setDeadline(in: Self.loginTimeout)
            }
            session.receive(server: bytes, at: now)
        }
        write(forwarding: bytes, at: now)
    }

    func readCompleted() {
        client?.flush()
        server?.flush()
        updateReading()
    }

    func closed(_ side: LegSide, hasVanished: Bool) {
        switch side {
        case .client: session.clientClosed(hasVanished: hasVanished)
        case .server: session.serverClosed()
        }
        perform()
    }

    func checkPeers() {
        client?.checkPeer()
        server?.checkPeer()
    }

    func shutDown() {
        session.shutDown()
        perform()
    }

    /// Has the session look at its limits when the next of them may be reached: also when they have changed.
    func awaitLimit() {
        limit?.cancel()
        limit = nil
        let now = WallClock.now()
        guard !isClosed, let deadline = session.deadline(after: now) else { return }
        let wait = TimeAmount.microseconds(max(deadline - now, 0)) + Self.limitResolution
        limit = loop.assumeIsolated().scheduleTask(in: wait) { [weak self] in
            guard let self else { return }
            session.timePassed(at: WallClock.now())
            perform()
            awaitLimit()
        }
    }

    func updateReading() {
        client?.setReading(session.wantsClientBytes && server?.isWritable ?? true)
        server?.setReading(client?.isWritable ?? true)
    }

    // MARK: - Performing

    /// For events that are not a read of either connection.
    func perform() {
        write(forwarding: [UInt8]().span, at: WallClock.now())
        readCompleted()
    }

    private func write(forwarding input: Span<UInt8>, at now: Int64) {
        swap(&output, &session.output)
        guard !output.isEmpty else { return }
        if !record(output.records, at: now) {
            output.reset()
            session.recordingFailed()
            swap(&output, &session.output)
        }
        let (toServer, toClient, requests) = (output.toServer, output.toClient, output.requests)
        server?.write(toServer.span)
        if output.forwardsInput { client?.write(input) }
        client?.write(toClient.span)
        output.reset()
        for request in requests { perform(request) }
    }

    /// Nothing of the session happens that its log does not tell.
    private func record(_ events: [AuditEvent], at now: Int64) -> Bool {
        do {
            // Lent rather than copied out, as a loop over the array would.
            let events = events.span
            for index in events.indices { try service.record(events[index], at: now) }
            return true
        } catch {
            service.logger.critical(
                "session cut: its record could not be kept", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func perform(_ request: SessionRequest) {
        switch request {
        case .startClientTLS: startClientTLS()
        case .startServerTLS: startServerTLS()
        case .lookUp(let startup): lookUp(startup)
        case .verify(let token): verify(token)
        case .verifyPerson(let token): verifyPerson(token)
        case .checkPerson(let subject, let evidence):
            session.personChecked(end(of: subject, evidence), at: WallClock.now())
            perform()
        case .resolve(let host): resolve(host)
        case .connect(let address): connect(to: address)
        case .leaveServer(let reason): leaveServer(reason: reason)
        case .began(let key, let cancels):
            deadline?.cancel()
            guard let serverAddress else { return }
            cancelKey = key
            service.cancellations.register(key, cancels: cancels, at: serverAddress) { [weak self] in
                self?.cancelHeld() ?? false
            }
            client?.writeDirectly()
            server?.writeDirectly()
            awaitLimit()
        case .askApproval(let question): ask(question)
        case .withdrawApproval(let id): service.approvals.withdraw(id)
        case .cancel(let key): service.cancel(key).assumeIsolated().whenComplete { _ in self.end() }
        case .tellRole(let read): tell(read)
        case .warnRoleUnreadable(let sqlState):
            service.logger.warning(
                "the privileges of the gateway's database role could not be read",
                metadata: ["sqlState": "\(sqlState)"])
        case .close: end()
        }
    }

    /// Has people asked, and the session told of every answer.
    private func ask(_ question: ApprovalQuestion) {
        let refusal = service.approvals.ask(question) { [weak self] answer in self?.answered(answer) }
        if refusal != nil || question.breakGlass != nil {
            let answer = ApprovalAnswer(
                id: question.id, request: question.id, state: refusal == nil ? .approved : .refused,
                reason: refusal ?? "")
            // Once what is being performed is done.
            loop.assumeIsolated().execute { self.answered(answer) }
        }
        awaitLimit()
    }

    private func answered(_ answer: ApprovalAnswer) {
        guard !isClosed else { return }
        session.approvalAnswered(answer, at: WallClock.now())
        perform()
    }

    /// - Returns: `false` when the client waits for no approval.
    private func cancelHeld() -> Bool {
        guard session.cancelHeld(at: WallClock.now()) else { return false }
        perform()
        return true
    }

    func end() {
        guard !isClosed else { return }
        isClosed = true
        deadline?.cancel()
        limit?.cancel()
        identityEnd?.cancel()
        if let cancelKey { service.cancellations.remove(cancelKey) }
        client?.close()
        server?.close()
        service.closed(id)
    }
}
