import WireProtocols

@testable import Session

/// A database that answers by the book, from a table of texts and results; it runs nothing.
struct FakeServer {
    struct Answer {
        var columns: [(name: String, type: ColumnType)] = []
        var rows: [[String?]] = []
        var tag = ""
        var error: DiagnosticFields?
        var status: TransactionStatus?
    }

    /// By the statement's text; a text that is not there fails as a syntax error.
    var answers: [String: Answer] = [:]
    /// What it was asked to run, in order; the gateway's own questions are not among them.
    private(set) var statements: [String] = []
    private(set) var describeCount = 0
    /// What it tells of the gateway's role; `nil` fails.
    var role: [[String?]]? = [["role", "app", nil, nil]]
    /// How many times it was asked for that.
    private(set) var roleQuestionCount = 0
    /// Digest of what the statement that it is asked about stands on.
    var ground = "6d3f"
    /// How many of the gateway's own questions fail when they are run.
    var failingQuestions = 0
    private var status = TransactionStatus.idle
    private var prepared: [[UInt8]: String] = [:]
    private var portals: [[UInt8]: String] = [:]
    private var isSkipping = false

    /// What the gateway asks before it judges a statement, by how the question starts: bare, or within another
    /// that has the answer converted.
    private static let questions: [(start: String, rows: [[String?]])] = [
        ("SELECT current_user", [["app", nil, nil, nil, "public"]]),
        ("WITH written", [["150000", "clinic", "read committed", "800"]]),
        ("SELECT pg_catalog.pg_current_snapshot", [["800:800:", "read committed"]]),
        ("SELECT pg_catalog.count(pg_catalog.pg_relation_size", [["0"]]),
    ]

    private static let groundQuestion = "SELECT pg_catalog.encode(pg_catalog.sha256("

    private func question(_ text: String) -> [[String?]]? {
        if text.contains(Self.groundQuestion) { return [[ground]] }
        if text.hasPrefix("WITH wanted"), let list = text.firstMatch(of: /'\{([0-9,]*)\}'/)?.1 {
            let relations = list.split(separator: ",").map { [String($0), "0", "false"] }
            return [[nil, "800:800:", "read committed"], ["0", "0", "false"]] + relations
        }
        return Self.questions.first { text.hasPrefix($0.start) || text.contains("(" + $0.start) }?.rows
    }

    /// What the gateway has fail in place of a refused query.
    private static let standIn = "EXECUTE \"refused by weir"

    private let violation = DiagnosticFields(.error, sqlState: "08P01", message: "no message of the protocol")

    /// Answers all messages of `input`, which must be whole.
    mutating func receive(_ input: [UInt8]) throws -> [UInt8] {
        var output: [UInt8] = []
        var offset = 0
        if let type = input.first, FrontendMessageType(rawValue: type) == nil {
            violation.writeErrorResponse(to: &output)
            return output
        }
        while let header = try FrontendHeader.nextWhole(in: input.span, at: offset) {
            let body = Array(input[header.body(at: offset)])
            offset += header.frameLength
            try receive(header.type, body, &output)
        }
        precondition(offset == input.count, "the session sent part of a message")
        return output
    }

    private mutating func receive(_ type: FrontendMessageType, _ body: [UInt8], _ output: inout [UInt8])
        throws
    {
        if type == .sync {
            isSkipping = false
            return ReadyForQuery.write(status, to: &output)
        }
        guard !isSkipping else { return }
        func text(_ range: Range<Int>) -> String { String(decoding: body[range], as: UTF8.self) }
        switch type {
        case .query:
            if let query = try? Query(body.span) {
                run(text(query.text), isSimple: true, &output)
            } else {
                violation.writeErrorResponse(to: &output)
            }
            ReadyForQuery.write(status, to: &output)
        case .parse:
            let parse = try Parse(body.span)
            if let error = answer(text(parse.text)).error { return fail(error, &output) }
            let name = Array(body[parse.statement])
            guard name.isEmpty || prepared[name] == nil else {
                return fail(DiagnosticFields(.error, sqlState: "42P05", message: "already exists"), &output)
            }
            prepared[name] = text(parse.text)
            output.appendEmptyFrame(BackendMessageType.parseComplete)
        case .bind:
            guard let bind = try? Bind(body.span) else { return fail(violation, &output) }
            portals[Array(body[bind.portal])] = prepared[Array(body[bind.statement])]
            output.appendEmptyFrame(BackendMessageType.bindComplete)
        case .describe:
            let reference = try ObjectReference(body.span)
            let name = Array(body[reference.name])
            guard let text = reference.object == .statement ? prepared[name] : portals[name] else {
                return fail(DiagnosticFields(.error, sqlState: "26000", message: "no such thing"), &output)
            }
            describeCount += 1
            if reference.object == .statement { ParameterDescription.write([], to: &output) }
            describe(answer(text), &output)
        case .execute:
            let text = portals[Array(body[try Execute(body.span).portal])] ?? ""
            if failingQuestions > 0, question(text) != nil {
                failingQuestions -= 1
                return fail(DiagnosticFields(.error, sqlState: "55P03", message: "lock timeout"), &output)
            }
            run(text, isSimple: false, &output)
        case .close:
            let reference = try ObjectReference(body.span)
            if reference.object == .statement { prepared[Array(body[reference.name])] = nil }
            output.appendEmptyFrame(BackendMessageType.closeComplete)
        case .flush, .terminate:
            break
        default:
            fail(DiagnosticFields(.error, sqlState: "0A000", message: "not in this play"), &output)
        }
    }

    private mutating func run(_ text: String, isSimple: Bool, _ output: inout [UInt8]) {
        if text == RoleQuestion.text { roleQuestionCount += 1 }
        let answer = answer(text)
        let isOurs = question(text) != nil || text == RoleQuestion.text || text.hasPrefix(Self.standIn)
        if !isOurs { statements.append(text) }
        if let error = answer.error {
            error.writeErrorResponse(to: &output)
            isSkipping = !isSimple
            if status == .inTransaction { status = .failed }
            return
        }
        if isSimple, !answer.columns.isEmpty { describe(answer, &output) }
        for row in answer.rows { DataRow.write(row.map { $0.map { Array($0.utf8) } }, to: &output) }
        CommandComplete.write(answer.tag.utf8, to: &output)
        status = answer.status ?? status
    }

    private func answer(_ text: String) -> Answer {
        if let rows = question(text) {
            return Answer(rows: rows, tag: "SELECT 1")
        }
        if text == RoleQuestion.text {
            return role.map { Answer(rows: $0, tag: "SELECT") }
                ?? Answer(error: DiagnosticFields(.error, sqlState: "57014", message: "time is up"))
        }
        return answers[text]
            ?? Answer(
                error: DiagnosticFields(.error, sqlState: "42601", message: "not in this play: \(text)"))
    }

    private func describe(_ answer: Answer, _ output: inout [UInt8]) {
        guard !answer.columns.isEmpty else { return output.appendEmptyFrame(BackendMessageType.noData) }
        RowDescription.write(answer.columns.map { (Array($0.name.utf8), $0.type) }, to: &output)
    }

    private mutating func fail(_ fields: DiagnosticFields, _ output: inout [UInt8]) {
        fields.writeErrorResponse(to: &output)
        isSkipping = true
    }
}
