package import API
import Cryptography
import StatementAnalysis
package import WireProtocols

/// One client's session with a PostgreSQL database, from its first byte to its last record.
///
///     client handshake -> credential -> connection to the database -> server handshake -> queries -> end
///
/// It opens nothing, waits for nothing and reads no clock: events come in by the methods, and ``output`` holds
/// what the driver is to do before it brings the next one.
package final class PostgreSQLSession {
    /// Length of the cancel key of clients that speak protocol 3.2 or later, in bytes; the server's own
    /// (`MAX_CANCEL_KEY_LENGTH`). For others it is four.
    package static let cancelKeyLength = 32

    /// Most bytes kept that a client sends ahead of its own log-in. Ours.
    static let earlyInputLimit = 1 << 17

    /// Where a session comes from, told once.
    package struct Origin {
        package var id: SessionID
        /// For the log: an address and port, or the path of a socket.
        package var clientAddress: String
        package var handshake: ClientHandshake.Options

        package init(id: SessionID, clientAddress: String, handshake: ClientHandshake.Options) {
            self.id = id
            self.clientAddress = clientAddress
            self.handshake = handshake
        }
    }

    /// How the gateway logs in to the database.
    package struct Login {
        package var user: [UInt8]
        /// `nil` where the gateway has none; a server that asks for one is refused.
        package var password: [UInt8]?

        package init(user: [UInt8], password: [UInt8]?) {
            self.user = user
            self.password = password
        }
    }

    /// To be performed, then ``SessionOutput/reset()``, before the next event.
    package var output = SessionOutput()

    let environment: ConnectionEnvironment
    let origin: Origin
    private var clientHandshake: ClientHandshake?
    var search: ServerSearch?
    /// Where the search has come to.
    var server: ServerAddress?
    var serverHandshake: ServerHandshake?
    private(set) var queries: QueryPhase?
    /// The name the gateway has logged in by.
    var login: [UInt8] = []
    /// The session that begins once it is known what the gateway's role may do.
    var roleReading: (session: ServerSession, reading: DatabaseRoleReading)?
    var startup: ClientStartup?
    /// Who the client is once it has proven that, and will be if it does before.
    package private(set) var subject: Subject?
    /// Why the client may not come in even if it proves to be the subject; `nil`: it may.
    var refusal: DiagnosticFields?
    /// By what it was proven; `nil` where no token was needed.
    package private(set) var evidence: IdentityEvidence?
    private(set) var clientTLS: String?
    /// Whom the session acts for from its beginning.
    var person: Person?
    var cancelKey: [UInt8] = []
    private var earlyInput: [UInt8] = []
    /// What cancels this session's statement.
    private var ownKey: CancelRequest?
    private(set) var hasEnded = false

    package init(environment: ConnectionEnvironment, origin: Origin) {
        self.environment = environment
        self.origin = origin
        clientHandshake = ClientHandshake(origin.handshake)
    }

    /// Whether more bytes of the client are of use now; if not, the driver stops reading.
    package var wantsClientBytes: Bool {
        queries?.wantsClientBytes ?? (earlyInput.count < Self.earlyInputLimit)
    }

    // MARK: - Bytes

    /// `now` counts microseconds since 1970, here and below.
    package func receive(client bytes: Span<UInt8>, at now: Int64) {
        if let queries {
            exchangeOutput { queries.receive(client: bytes, at: now) }
        } else if clientHandshake != nil {
            perform(clientHandshake?.receive(bytes.copy(0..<bytes.count)) ?? [])
        } else if !hasEnded {
            earlyInput.append(bytes, 0..<bytes.count)
        }
    }

    package func receive(server bytes: Span<UInt8>, at now: Int64) {
        if let queries {
            exchangeOutput { queries.receive(server: bytes, at: now) }
        } else if serverHandshake != nil {
            perform(serverHandshake?.receive(bytes.copy(0..<bytes.count)) ?? [], at: now)
        } else if roleReading != nil {
            receiveRole(bytes, at: now)
        }
    }

    /// Whether the client has proven who it is.
    var isProven: Bool { clientHandshake == nil }

    /// Whether statements are served.
    var isServing: Bool { queries != nil }

    /// Asks the phase in which statements are judged; `nil` while there is none.
    func explain<Result>(_ body: (QueryPhase) -> Result?) -> Result? {
        guard let queries else { return nil }
        var result: Result?
        exchangeOutput { result = body(queries) }
        return result
    }

    /// The phase writes into the output of the session.
    func exchangeOutput(_ body: () -> Void) {
        guard let queries else { return }
        swap(&output, &queries.output)
        body()
        swap(&output, &queries.output)
    }

    // MARK: - The client's log-in

    package func clientTLSStarted(_ description: String, channelBinding: [UInt8]?) {
        clientTLS = description
        clientHandshake?.tlsStarted(channelBinding: channelBinding)
    }

    /// The connection began with TLS, and this is what both sides chose by ALPN.
    package func clientTLSStartedDirectly(
        _ description: String, channelBinding: [UInt8]?, applicationProtocol: String?
    ) {
        clientTLS = description
        perform(
            clientHandshake?.directTLSStarted(
                channelBinding: channelBinding, applicationProtocol: applicationProtocol) ?? [])
    }

    /// The answer to ``SessionRequest/lookUp(_:)``. `subject` is who the client will be if it proves to be; only then is
    /// it told a `refusal`.
    package func credentialFound(
        _ credential: ClientCredential, subject: Subject?, refusal: DiagnosticFields? = nil,
        randomness: [UInt8]
    ) {
        (self.subject, self.refusal) = (subject, refusal)
        perform(clientHandshake?.credentialFound(credential, randomness: randomness) ?? [])
    }

    /// The answer to ``SessionRequest/verify(token:)``.
    package func tokenAccepted(_ subject: Subject, _ evidence: IdentityEvidence) {
        (self.subject, self.evidence) = (subject, evidence)
        perform(clientHandshake?.tokenAccepted() ?? [])
    }

    /// The answer to ``SessionRequest/verify(token:)``; the log is told the reason, and so is the client, if
    /// it has shown a token.
    package func tokenRefused(_ reason: String, isToken: Bool) {
        perform(clientHandshake?.tokenRefused(reason, isToken: isToken) ?? [])
    }

    private func perform(_ actions: [ClientHandshake.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes):
                output.toClient += bytes
            case .startTLS:
                output.requests.append(.startClientTLS)
            case .cancel(let request):
                hasEnded = true
                output.requests.append(.cancel(request))
            case .verify(let token):
                output.requests.append(.verify(token: token))
            case .lookUp(let startup):
                self.startup = startup
                output.requests.append(.lookUp(startup))
            case .authenticated:
                earlyInput = clientHandshake?.unread ?? []
                clientHandshake = nil
                connect()
            case .fail(let fields):
                refused(fields.message)
            }
        }
    }

    private func connect() {
        guard let startup, subject != nil else {
            refuse(DiagnosticFields(.fatal, sqlState: "28000", message: "no verified subject"))
            return
        }
        if let refusal { return refuse(refusal) }
        if startup.replication != nil, !mayReplicate {
            refuse(Diagnosis.replicationRefused.fields(.fatal))
            return
        }
        if let served = environment.connection.spec.upstream.database, !isPhysicalReplication,
            startup.database != Array(served.utf8), startup.database != startup.user
        {
            refuse(
                DiagnosticFields(
                    .fatal, sqlState: "3D000",
                    message: "this connection does not serve the database asked for"))
            return
        }
        guard !askPerson() else { return }
        searchServer()
    }

    private var mayReplicate: Bool {
        guard let subject, environment.connection.spec.session.replication == .allow else { return false }
        return environment.scope(
            for: environment.standing(of: [subject]), catalogue: nil, context: SessionContext()
        ).enforcesNothing
    }

    /// Its database, if it names one, means nothing.
    private var isPhysicalReplication: Bool {
        startup?.replication.map { !$0.elementsEqual("database".utf8) } ?? false
    }

    // MARK: - The session

    func begin(_ session: ServerSession, at now: Int64) {
        let unread = serverHandshake?.unread ?? []
        serverHandshake = nil
        search = nil
        guard mustReadRole(session, at: now) else { return open(session, unread: unread, at: now) }
        receiveRole(unread.span, at: now)
    }

    func open(_ session: ServerSession, unread: [UInt8] = [], at now: Int64) {
        guard let subject, let startup, let place else { return }
        if let roleRefusal {
            output.toServer.appendTerminate()
            return refuse(DiagnosticFields(.fatal, sqlState: "08004", message: roleRefusal))
        }
        var settings = SessionSettings()
        let processID = session.cancellation?.processID ?? 0
        for message in session.messages {
            switch message {
            case .parameter(let parameter):
                settings.take(
                    String(decoding: parameter.name, as: UTF8.self),
                    String(decoding: parameter.value, as: UTF8.self))
                ParameterStatus.write(name: parameter.name, value: parameter.value, to: &output.toClient)
            case .key:
                BackendKeyData.write(processID: processID, secretKey: cancelKey, to: &output.toClient)
            case .notice(let body):
                let frame = output.toClient.beginFrame(BackendMessageType.noticeResponse)
                output.toClient += body
                output.toClient.endFrame(frame)
            }
        }
        if let cancellation = session.cancellation {
            let key = CancelRequest(processID: processID, secretKey: cancelKey)
            ownKey = key
            output.requests.append(.began(key: key, cancels: cancellation))
        }
        ReadyForQuery.write(session.status, to: &output.toClient)
        record(
            .sessionStarted(
                SessionStarted(
                    subject: subject, evidence: evidence,
                    claimedUser: String(decoding: startup.user, as: UTF8.self),
                    connection: environment.connection.metadata.qualifiedName,
                    database: String(decoding: startup.database, as: UTF8.self),
                    applicationName: startup.value(of: "application_name"),
                    clientAddress: origin.clientAddress, clientTLS: clientTLS, serverProcessID: processID)))
        if let person {
            record(.onBehalfOf(OnBehalfOfRecorded(subject: person.subject, evidence: person.evidence)))
        }
        let queries = QueryPhase(
            environment: environment, sharedCatalogue: environment.catalogue(at: place), subject: subject,
            id: origin.id, settings: settings, database: String(decoding: startup.database, as: UTF8.self),
            isReplication: startup.replication != nil,
            isPrivate: isPrivate, person: person, at: now)
        queries.approvals.remember(startup: startup.parameters)
        self.queries = queries
        let early = earlyInput
        earlyInput = []
        exchangeOutput {
            queries.receive(server: unread.span, at: now)
            queries.receive(client: early.span, at: now)
        }
    }

    // MARK: - The end

    /// Of a client that `hasVanished`, without so much as closing its connection, the statement is cancelled; one that
    /// closes while its statement runs leaves that to the server, which finishes it.
    package func clientClosed(hasVanished: Bool = false) {
        if let queries {
            exchangeOutput {
                if hasVanished, !queries.expected.isEmpty, let ownKey {
                    queries.output.requests.append(.cancel(ownKey))
                }
                queries.output.toServer.appendTerminate()
                queries.end(reason: hasVanished ? "client vanished" : "client disconnected")
            }
        } else {
            close()
        }
    }

    package func serverClosed() {
        if let queries {
            exchangeOutput { queries.end(reason: "database disconnected") }
        } else if serverHandshake != nil {
            perform(serverHandshake?.closed() ?? [], at: 0)
        } else if roleReading != nil {
            refuse(DiagnosticFields(.fatal, sqlState: "08006", message: "database closed the connection"))
        } else if search == nil {
            close()
        }
    }

    /// The client's log-in has taken too long, or the server that is being tried has.
    package func deadlinePassed() {
        if clientHandshake != nil {
            perform(clientHandshake?.deadlinePassed() ?? [])
        } else if serverHandshake != nil {
            perform(serverHandshake?.deadlinePassed() ?? [], at: 0)
        } else if search != nil {
            serverUnreachable("timed out")
        } else if queries == nil {
            refuse(DiagnosticFields(.fatal, sqlState: "08006", message: "log-in timed out"))
        }
    }

    /// What was to be recorded could not be: nothing of it may happen, and the client is told so.
    package func recordingFailed() {
        output = SessionOutput()
        Diagnosis.auditUnavailable.fields(.fatal).writeErrorResponse(to: &output.toClient)
        output.toServer.appendTerminate()
        close()
    }

    func refuse(_ fields: DiagnosticFields) {
        guard !hasEnded else { return }
        fields.writeErrorResponse(to: &output.toClient)
        refused(fields.message)
    }

    func refused(_ reason: String) {
        guard !hasEnded else { return }
        record(
            .sessionRefused(
                SessionRefused(
                    claimedUser: startup.map { String(decoding: $0.user, as: UTF8.self) } ?? "",
                    connection: environment.connection.metadata.qualifiedName,
                    clientAddress: origin.clientAddress, reason: reason)))
        close()
    }

    private func close() {
        guard !hasEnded else { return }
        hasEnded = true
        clientHandshake = nil
        search = nil
        serverHandshake = nil
        roleReading = nil
        queries = nil
        output.requests.append(.close)
    }

    private func record(_ body: AuditEvent.Body) {
        output.records.append(AuditEvent(session: origin.id, body: body))
    }
}

extension ClientStartup {
    /// The last value of a parameter as text; empty without one.
    fileprivate func value(of name: String) -> String {
        parameters.last { $0.name.elementsEqual(name.utf8) }.map { String(decoding: $0.value, as: UTF8.self) }
            ?? ""
    }
}
