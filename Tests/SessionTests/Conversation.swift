import API
import Masking
import StatementAnalysis
import WireProtocols

@testable import Manifests
@testable import Session

/// A session between a client, whose lines a test speaks, and a ``FakeServer``; it keeps what each was told.
final class Conversation {
    static let manifests = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: clinic, namespace: default}
        spec:
          protocol: postgres
          upstream: {host: 127.0.0.1, database: clinic, tls: {mode: Disable}}
          credentials: {type: SecretRef, secretRef: {name: clinic-db}}
          podSelector: {matchLabels: {app: clinic}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: patients, namespace: default}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - {name: phi, match: {schemas: [public], tables: [patients], columns: [name, ssn]}, action: {type: Redact}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: no-destruction, namespace: default}
        spec:
          targets: {connectionNames: [clinic]}
          match: {statements: [Delete, Drop, Truncate]}
          effect: Deny
        """

    /// `public.patients(id int4, name text, ssn text)` with OID 20000, `public.rooms(id int4)` with OID 20001.
    static let catalogue = Catalogue(
        relations: [
            Relation(
                oid: 20000, schema: "public", name: "patients",
                columns: [
                    Relation.Column(number: 1, name: "id", type: 23),
                    Relation.Column(number: 2, name: "name", type: 25),
                    Relation.Column(number: 3, name: "ssn", type: 25),
                ]),
            Relation(
                oid: 20001, schema: "public", name: "rooms",
                columns: [Relation.Column(number: 1, name: "id", type: 23)]),
        ],
        routines: [
            Routine(oid: 67, name: "texteq", arguments: [25, 25], result: 16),
            Routine(oid: 2078, name: "set_config", arguments: [25, 25, 16], result: 25),
        ],
        operators: [Operator(oid: 98, name: "=", left: 25, right: 25, result: 16, function: 67)],
        types: [
            DataType(oid: 23, name: "int4"), DataType(oid: 25, name: "text"),
        ],
        database: "clinic")

    static let id = ColumnType(table: 20000, attribute: 1, type: 23, typeLength: 4)
    static let name = ColumnType(table: 20000, attribute: 2, type: 25)

    static let place = SharedCatalogue.Place(server: "127.0.0.1:5432", database: Array("clinic".utf8))

    let environment: ConnectionEnvironment
    let session: PostgreSQLSession
    var server = FakeServer()
    /// Bytes of the session per call; 0 for as they come.
    var chunk = 0
    /// Every record so far.
    private(set) var records: [AuditEvent.Body] = []
    private(set) var requests: [SessionRequest] = []
    /// What the driver says of tokens; of others, that they are unknown.
    var tokens: [String: TokenVerdict] = [:]
    /// What it says of somebody whose token it has accepted before.
    var personEnd: IdentityEnd?
    private var now: Int64 = 1_000_000

    init(_ manifests: String = Conversation.manifests) throws {
        let set = try ManifestSet.read([ManifestFile(path: "test.yaml", bytes: Array(manifests.utf8))])
        environment = ConnectionEnvironment(
            connection: set.connections[0], maskingPolicies: set.maskingPolicies,
            approvalRules: set.approvalRules,
            keys: try MaskingKeys(gateway: [UInt8](repeating: 7, count: 32)))
        let shared = environment.catalogue(at: Self.place)
        environment.publish(Self.catalogue, in: shared, askedFor: shared.ask(), at: 1_000_000)
        session = PostgreSQLSession(
            environment: environment,
            origin: PostgreSQLSession.Origin(
                id: SessionID(high: 1, low: 2), clientAddress: "test",
                handshake: .init(tls: .unavailable, isLocal: true, mockSecret: [1])))
    }

    /// Another session with the same database, at a later moment.
    init(joining other: Conversation, at now: Int64 = 1_000_000) throws {
        environment = other.environment
        self.now = now
        session = PostgreSQLSession(
            environment: environment,
            origin: PostgreSQLSession.Origin(
                id: SessionID(high: 1, low: 3), clientAddress: "test",
                handshake: .init(tls: .unavailable, isLocal: true, mockSecret: [1])))
    }

    /// Puts another configuration in force.
    func configure(_ manifests: String) throws {
        let set = try ManifestSet.read([ManifestFile(path: "test.yaml", bytes: Array(manifests.utf8))])
        environment.replace(
            connection: set.connections[0], maskingPolicies: set.maskingPolicies,
            approvalRules: set.approvalRules,
            keys: try MaskingKeys(gateway: [UInt8](repeating: 7, count: 32)))
    }

    /// From the first byte to the first `ReadyForQuery`; `reported` are settings that are not the usual ones.
    func logIn(
        version: ProtocolVersion = .oldest, parameters: [StartupMessage.Parameter] = [],
        reporting reported: [(name: String, value: String)] = []
    ) throws -> Transcript {
        var bytes: [UInt8] = []
        StartupMessage(
            version: version,
            parameters: [.init("user", "somebody"), .init("database", "clinic")] + parameters
        ).write(to: &bytes)
        session.receive(client: bytes.span, at: now)
        var transcript = try perform()
        session.credentialFound(
            .trusted, subject: Subject(name: "job", groups: [], proof: .workload),
            randomness: [UInt8](repeating: 1, count: 18))
        transcript += try perform()
        session.addressesFound(["127.0.0.1"])
        transcript += try perform()
        session.serverConnected(
            .init(user: Array("app".utf8), password: nil),
            randomness: [UInt8](repeating: 2, count: 18 + PostgreSQLSession.cancelKeyLength))
        session.output.toServer.removeAll()
        var welcome: [UInt8] = []
        Authentication.ok.write(to: &welcome)
        ParameterStatus.write(name: "client_encoding".utf8, value: "UTF8".utf8, to: &welcome)
        ParameterStatus.write(name: "standard_conforming_strings".utf8, value: "on".utf8, to: &welcome)
        for setting in reported {
            ParameterStatus.write(name: setting.name.utf8, value: setting.value.utf8, to: &welcome)
        }
        BackendKeyData.write(processID: 42, secretKey: [9, 9, 9, 9], to: &welcome)
        ReadyForQuery.write(.idle, to: &welcome)
        session.receive(server: welcome.span, at: now)
        return transcript + (try perform())
    }

    /// The client sends `bytes`; the server answers, until nobody has anything to say.
    func send(_ bytes: [UInt8]) throws -> Transcript {
        var transcript = Transcript()
        let size = chunk == 0 ? max(1, bytes.count) : chunk
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            session.receive(client: piece.span, at: now)
            transcript += try perform()
        }
        return transcript
    }

    /// What a piece of the client's bytes makes the session send on, without an answer.
    func toServer(of bytes: [UInt8]) -> [UInt8] {
        session.receive(client: bytes.span, at: now)
        defer { session.output.reset() }
        return session.output.toServer
    }

    /// Seconds until a limit may end the session.
    var deadline: Double? { session.deadline(after: now).map { Double($0 - now) / 1_000_000 } }

    /// Time passes, and then the client says something, if anything.
    func wait(seconds: Double, then text: String? = nil) throws -> Transcript {
        now += Int64(seconds * 1_000_000)
        session.timePassed(at: now)
        let transcript = try perform()
        return try text.map { transcript + (try query($0)) } ?? transcript
    }

    func query(_ text: String) throws -> Transcript {
        var bytes: [UInt8] = []
        Query.write(text.utf8, to: &bytes)
        return try send(bytes)
    }

    /// What would become of a text, and how often the database had to be asked for that.
    func explain(_ text: String) throws -> (statements: [StatementExplanation], rounds: Int) {
        var viewReads = 0
        for round in 0..<10 {
            let found = session.explanation(of: Array(text.utf8).span, viewReads: &viewReads, at: now)
            if let found { return (found, round) }
            _ = try perform()
        }
        throw DiagnosticFields(.error, sqlState: "XX000", message: "it asks without end")
    }

    /// What people were asked, in order.
    var questions: [ApprovalQuestion] {
        requests.compactMap { if case .askApproval(let question) = $0 { question } else { nil } }
    }

    /// The operator says where the statement stands that was asked about last.
    func decide(_ state: ApprovalAnswer.State) throws -> Transcript {
        guard let id = questions.last?.id else { return Transcript() }
        session.approvalAnswered(ApprovalAnswer(id: id, request: id, state: state), at: now)
        return try perform()
    }

    private func answer(_ requests: [SessionRequest]) {
        for request in requests {
            switch request {
            case .verifyPerson(let token):
                session.tokenJudged(
                    tokens[String(decoding: token, as: UTF8.self)] ?? .refused("unknown"), at: now)
            case .checkPerson: session.personChecked(personEnd, at: now)
            default: break
            }
        }
    }

    private func perform() throws -> Transcript {
        var transcript = Transcript()
        while !session.output.isEmpty {
            let output = session.output
            session.output.reset()
            records += output.records.map(\.body)
            requests += output.requests
            try transcript.append(output.toClient)
            answer(output.requests)
            guard !output.toServer.isEmpty else { continue }
            let answer = try server.receive(output.toServer)
            let size = chunk == 0 ? max(1, answer.count) : chunk
            for start in stride(from: 0, to: answer.count, by: size) {
                let piece = Array(answer[start..<min(start + size, answer.count)])
                session.receive(server: piece.span, at: now)
                if session.output.forwardsInput {
                    session.output.forwardsInput = false
                    session.output.toClient = piece + session.output.toClient
                }
                if start + size < answer.count {
                    records += session.output.records.map(\.body)
                    let toServer = session.output.toServer
                    try transcript.append(session.output.toClient)
                    requests += session.output.requests
                    session.output.reset()
                    session.output.toServer = toServer
                }
            }
        }
        return transcript
    }
}

/// What the client was told, a line a message: `T id name`, `D 1|Ada`, `C SELECT 1`, `E 42501`, `Z I`.
struct Transcript: Equatable, CustomStringConvertible {
    private(set) var lines: [String] = []
    private var partial: [UInt8] = []

    var description: String { lines.joined(separator: "\n") }

    static func + (left: Self, right: Self) -> Self {
        var result = left
        result += right
        return result
    }

    static func += (left: inout Self, right: Self) {
        left.lines += right.lines
    }

    mutating func append(_ bytes: [UInt8]) throws {
        partial += bytes
        var offset = 0
        while let header = try BackendHeader.nextWhole(in: partial.span, at: offset) {
            let body = Array(partial[header.body(at: offset)])
            offset += header.frameLength
            lines.append(try Self.line(header.type, body))
        }
        partial.removeFirst(offset)
    }

    private static func line(_ type: BackendMessageType, _ body: [UInt8]) throws -> String {
        func text(_ range: Range<Int>) -> String { String(decoding: body[range], as: UTF8.self) }
        switch type {
        case .rowDescription:
            return "T " + (try RowDescription(body.span).columns.map { text($0.name) }.joined(separator: " "))
        case .dataRow:
            var row = try DataRow(body.span)
            var cells: [String] = []
            for _ in 0..<row.columnCount { cells.append(try row.next().map(text) ?? "NULL") }
            return "D " + cells.joined(separator: "|")
        case .commandComplete: return "C " + text(try CommandComplete(body.span).tag)
        case .errorResponse: return "E " + text(try DiagnosticReport(body.span)[.sqlState] ?? 0..<0)
        case .readyForQuery: return "Z " + String(decoding: body, as: UTF8.self)
        case .parseComplete: return "1"
        case .bindComplete: return "2"
        case .closeComplete: return "3"
        case .noData: return "n"
        case .parameterDescription: return "t"
        default: return String(UnicodeScalar(type.rawValue))
        }
    }
}
