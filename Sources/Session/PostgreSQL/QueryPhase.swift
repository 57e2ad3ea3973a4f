import API
import Policy
import StatementAnalysis
import WireProtocols

/// A session between its first and its last statement: decides what each message may do, and follows the answers.
///
/// Messages of the client are judged in order; the answers the server owes are kept in order beside them, so
/// that every row is known to belong to a judged statement. While a statement is under way whose outcome
/// changes what later ones mean, or while the catalogue is being asked, the client's next messages wait.
final class QueryPhase {
    /// Most answers outstanding before the client is no longer read.
    static let pipelineLimit = 4096
    /// Most bytes of the client kept while it has to wait, before it is no longer read.
    static let heldInputLimit = 64 << 10
    /// Most prepared statements, portals and cursors of one session.
    static let namedObjectLimit = 16_384

    enum Pause: Equatable {
        /// The catalogue is being asked.
        case lookup
        /// A statement that changes the session has not been answered yet.
        case barrier
        /// A transaction may be ending that has changed what names mean: what was before comes back with it.
        case transactionEnd
        /// The transaction has failed, unless what is still to be answered ended it.
        case answers
        /// People are being asked whether the statement may run.
        case approval
        /// The driver is being asked about an identity.
        case identity
    }

    let environment: ConnectionEnvironment
    /// Of the session's own database and server.
    let sharedCatalogue: SharedCatalogue
    let subject: Subject
    /// Nobody else hears what the client says.
    let isPrivate: Bool
    let id: SessionID
    var output = SessionOutput()
    var now: Int64 = 0

    var clientInput: [UInt8] = []
    var serverInput: [UInt8] = []
    /// Of the message that is being held, if it is a long one: as the environment counts them.
    var heldByteCount = 0
    /// Bytes of the current message still to come, passed on as they arrive.
    var clientPassage = Passage.none
    var serverPassage = Passage.none
    /// What goes to the client in place of the server's message.
    var replacement: [UInt8] = []
    var pause: Pause?
    /// Why the session cannot go on; it ends once what came before has been passed on.
    var failure: Diagnosis? {
        didSet { hasFailed = failure != nil }
    }
    private(set) var hasFailed = false
    /// What the log says of it.
    var failureReason = "failed"
    var isClosing = false
    /// Set once the client has said its last, and the server is to end the session: why.
    var lastWord: String?

    var expected = ExpectedQueue()
    var transactionStatus = TransactionStatus.idle
    /// Messages have been forwarded that the client has not ended with a `Sync`.
    var isUnsynced = false
    /// The server ignores everything up to the next `Sync`.
    var isSkipping = false
    /// The server takes the client's `CopyData`, and ignores its `Sync`.
    var isCopyingIn = false
    /// A statement of the transaction has read or written governed relations: an error at its end may quote them.
    var transactionTouchesGovernedRelations = false
    var statementCount: UInt64 = 0
    /// The last statement's; most have the same.
    var lastTag: [UInt8] = []

    var statements = NamedObjects<Prepared>()
    var portals = NamedObjects<Portal>()
    var cursors = NamedObjects<Cursor>()

    var limits: SessionLimits
    /// A session of the replication protocol (`CopyBoth`), or one that could become it.
    let isReplication: Bool
    var settings: SessionSettings
    /// Statements the server has converted to UTF-8.
    var conversions: [SentText: [UInt8]] = [:]
    var context = SessionContext() {
        didSet { if context != oldValue { scope = nil } }
    }
    /// Of ``context`` and ``person``, as long as policy and catalogue stay the same.
    private var scope: Scope?
    private var standing: (generation: UInt64, SubjectStanding)?
    var representation: Representation
    /// Whom the message acts for that is being judged, and the session in between.
    var person: Person? {
        didSet { if person !== oldValue { (scope, standing) = (nil, nil) } }
    }
    var verifications = Verifications()
    /// Of whom the audit log was told last.
    var lastRecorded: Person?
    /// The catalogue as this session's open transaction sees it; `nil`: the shared one.
    var ownCatalogue: Catalogue?
    var lookup = LookupState()
    var approvals = ApprovalState()
    /// As the client asked for it.
    let database: String

    /// `settings` are as the server has reported them with the log-in.
    init(
        environment: ConnectionEnvironment, sharedCatalogue: SharedCatalogue, subject: Subject, id: SessionID,
        settings: SessionSettings, database: String, isReplication: Bool, isPrivate: Bool, person: Person?,
        at now: Int64
    ) {
        self.database = database
        self.isPrivate = isPrivate
        self.person = person
        lastRecorded = person
        representation = Representation(initial: person)
        self.isReplication = isReplication
        limits = SessionLimits(began: now)
        self.environment = environment
        self.sharedCatalogue = sharedCatalogue
        sharedCatalogue.sessionCount += 1
        self.settings = settings
        self.subject = subject
        self.id = id
    }

    deinit {
        sharedCatalogue.sessionCount -= 1
        environment.release(heldByteCount)
    }

    /// What happens to a message's remaining bytes.
    enum Passage: Equatable {
        case none
        case forward(Int)
        case drop(Int)
    }

    /// Whether more bytes of the client are of use now; if not, the driver stops reading.
    var wantsClientBytes: Bool {
        (pause == nil || clientInput.count < Self.heldInputLimit) && expected.count < Self.pipelineLimit
    }

    // MARK: - What the session's statements mean

    var currentCatalogue: Catalogue? { ownCatalogue ?? sharedCatalogue.catalogue }

    /// The scope of the session's own context, made anew when policy, catalogue or context have changed.
    func currentScope() -> Scope {
        if let scope, scope.generation == environment.generation,
            scope.catalogue === currentCatalogue ?? .empty
        {
            return scope
        }
        let scope = environment.scope(for: currentStanding(), catalogue: currentCatalogue, context: context)
        self.scope = scope
        return scope
    }

    func scope(under context: SessionContext) -> Scope {
        context == self.context
            ? currentScope()
            : environment.scope(for: currentStanding(), catalogue: currentCatalogue, context: context)
    }

    private func currentStanding() -> SubjectStanding {
        if let (generation, standing) = standing, generation == environment.generation { return standing }
        let standing = environment.standing(of: [subject] + (person.map { [$0.subject] } ?? []))
        self.standing = (environment.generation, standing)
        return standing
    }

    // MARK: - Ending

    /// Tells the client why, and ends the session.
    func fail(_ diagnosis: Diagnosis, reason: String) {
        guard !isClosing else { return }
        diagnosis.readable(in: settings.clientEncoding).fields(.fatal).writeErrorResponse(
            to: &output.toClient)
        output.toServer.appendTerminate()
        end(reason: reason)
    }

    func end(reason: String) {
        guard !isClosing else { return }
        let reason = lastWord ?? reason
        withdrawHeld()
        isClosing = true
        output.records.append(
            AuditEvent(
                session: id, body: .sessionEnded(SessionEnded(reason: reason, statements: statementCount))))
        output.requests.append(.close)
    }

    func protocolViolation(_ error: WireError) {
        let reply = error.reply
        fail(Diagnosis(sqlState: reply.sqlState, message: reply.message), reason: "protocol violation")
    }
}
