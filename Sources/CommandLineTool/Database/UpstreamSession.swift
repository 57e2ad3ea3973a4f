import API
import Cryptography
import FoundationEssentials
import Gateway
import Manifests
import Masking
import NIOCore
import Networking
import Session
import WireProtocols

/// The gateway's own session with a connection's database, in which this program stands where a client would.
///
/// Servers are found, and the gateway is logged in, as in a gateway. Nothing that is judged reaches the database; what
/// ``exchange(_:)`` sends, goes there unjudged.
final class UpstreamSession {
    typealias Login = PostgreSQLSession.Login

    private let session: PostgreSQLSession
    private let access: DatabaseAccess
    private let subject: Subject
    private let database: String
    /// In place of the connection's credential.
    private let login: Login?
    private let parameters: [StartupMessage.Parameter]
    private let loop: any EventLoop
    private var channel: ByteChannel?
    private var server: ServerAddress?
    private var toClient: [UInt8] = []
    private var passedOver: [String] = []
    /// What the gateway's role may do, once the session is open or refused.
    private(set) var role: DatabaseRoleRead?

    init(
        with target: ConnectionOptions.Target, access: DatabaseAccess, as subject: Subject, login: Login?,
        parameters: [StartupMessage.Parameter] = [], on loop: any EventLoop
    ) throws {
        self.access = access
        self.subject = subject
        self.login = login
        self.parameters = parameters
        self.loop = loop
        database = target.database
        // Nothing is masked here: any key serves.
        let keys = try MaskingKeys(gateway: RandomBytes.generate(32))
        let environment = ConnectionEnvironment(
            connection: target.connection, maskingPolicies: target.manifests.maskingPolicies,
            approvalRules: target.manifests.approvalRules, keys: keys)
        let half = { try RandomBytes.generate(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        session = PostgreSQLSession(
            environment: environment,
            origin: PostgreSQLSession.Origin(
                id: SessionID(high: try half(), low: try half()), clientAddress: "weirctl",
                handshake: .init(tls: .unavailable, isLocal: true, mockSecret: try RandomBytes.generate(32))))
    }

    /// - Throws: ``DatabaseFault/noSession(message:passedOver:)``.
    func open() async throws {
        let own: [StartupMessage.Parameter] = [
            .init("user", subject.name), .init("database", database), .init("application_name", "weirctl"),
        ]
        var startup: [UInt8] = []
        StartupMessage(version: .oldest, parameters: own + parameters).write(to: &startup)
        session.receive(client: startup.span, at: now)
        try await advance { session.isOpen }
    }

    /// What would become of a query string; it is not sent.
    func explain(_ text: [UInt8]) async throws -> [StatementExplanation] {
        var explanation: [StatementExplanation]?
        var viewReads = 0
        try await advance {
            if explanation == nil {
                explanation = session.explanation(of: text.span, viewReads: &viewReads, at: now)
            }
            return explanation != nil
        }
        return explanation ?? []
    }

    /// How long judging a query string takes that has been explained; `nil` where the database is asked each time.
    func judgingTime(of text: [UInt8]) -> JudgingTime? {
        let moment = now
        return JudgingTime { isNew in session.judge(text.span, isNew: isNew, at: moment) }
    }

    func close() {
        channel?.close()
    }

    // MARK: - The session

    private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    /// Does what the session wants until that is so.
    private func advance(until isDone: () -> Bool) async throws {
        while true {
            try await perform()
            guard !isDone() || !session.output.isEmpty else { return }
            guard session.output.isEmpty else { continue }
            guard let channel else { throw DatabaseFault.ended }
            if let bytes = try await channel.receive() {
                session.receive(server: bytes.span, at: now)
            } else {
                session.serverClosed()
            }
        }
    }

    private func perform() async throws {
        while !session.output.isEmpty {
            let output = session.output
            session.output.reset()
            for record in output.records {
                if case .databaseRole(let read) = record.body { role = read }
            }
            toClient += output.toClient
            if !output.toServer.isEmpty { try await channel?.send(output.toServer) }
            for request in output.requests { try await perform(request) }
        }
    }

    private func perform(_ request: SessionRequest) async throws {
        switch request {
        case .lookUp:
            session.credentialFound(.trusted, subject: subject, randomness: try RandomBytes.generate(18))
        case .resolve(let host):
            session.addressesFound(try await Resolver.addresses(of: host.host, on: loop).get())
        case .connect(let address): try await connect(to: address)
        case .startServerTLS: await startTLS()
        case .leaveServer(let reason):
            if let server { passedOver.append("\(server.address) port \(server.host.port): \(reason)") }
            channel?.close()
            channel = nil
        case .close: throw DatabaseFault.noSession(message: refusal, passedOver: passedOver)
        case .askApproval(let question):
            let answer = ApprovalAnswer(
                id: question.id, request: question.id, state: .refused, reason: "nobody is asked here")
            session.approvalAnswered(answer, at: now)
        case .began, .tellRole, .warnRoleUnreadable, .startClientTLS, .cancel, .withdrawApproval, .verify,
            .verifyPerson, .checkPerson:
            break
        }
    }

    private func connect(to address: ServerAddress) async throws {
        server = address
        do {
            channel = try await ByteChannel(access.connect(to: address, on: loop).get())
        } catch {
            return session.serverUnreachable("\(error)")
        }
        session.serverConnected(
            try login ?? access.login(to: address),
            randomness: try RandomBytes.generate(18 + PostgreSQLSession.cancelKeyLength))
    }

    private func startTLS() async {
        guard let channel, let server else { return }
        do {
            let access = access
            let facts = try await channel.startTLS { try access.tlsHandler(for: server, handshake: $0) }
            session.serverTLSStarted(
                channelBinding: facts.serverEndPointBinding, applicationProtocol: facts.applicationProtocol)
        } catch {
            session.serverTLSFailed("\(error)")
        }
    }

    /// What a client would have been told.
    private var refusal: String {
        var messages = MessageReader()
        messages.append(toClient)
        while let message = try? messages.next() {
            if let error = message.error { return error.message }
        }
        return "it ended"
    }

    // MARK: - Around the judgement

    /// The way to the server, for whoever goes on with it in this session's place.
    func takeChannel() throws -> ByteChannel {
        guard let channel else { throw DatabaseFault.ended }
        self.channel = nil
        return channel
    }

    /// Sends messages that end with one that `ReadyForQuery` answers, and returns the answers up to it.
    func exchange(_ bytes: [UInt8]) async throws -> [ServerMessage] {
        guard let channel else { throw DatabaseFault.ended }
        return try await channel.exchange(bytes)
    }
}

extension StartupMessage.Parameter {
    init(_ name: String, _ value: String) {
        self.init(name: Array(name.utf8), value: Array(value.utf8))
    }
}
