import API
import Testing
import WireProtocols

@testable import Session

/// An application that acts on behalf of people: tokens stop at the gateway, names go on.
struct OnBehalfOfTests {
    private static let manifests = Conversation.manifests
        .replacing(
            "credentials:",
            with: """
                identity:
                    onBehalfOf: {allowed: {workloads: [job]}}
                    issuers: [{issuer: "https://id.example", audience: weir}]
                  credentials:
                """
        )
        .replacing(
            "action: {type: Redact}",
            with: "action: {type: Redact}, exceptSubjects: {workloads: [job], users: [ann]}")

    private static let names = "SELECT id, name FROM patients"
    private static let ann = token("ann"), ben = token("ben")

    private static func token(_ name: String) -> String { "eyJ.\(name).signature" }

    private func conversation(_ manifests: String = manifests) throws -> Conversation {
        let conversation = try Conversation(manifests)
        for name in ["ann", "ben", "o'neill"] {
            conversation.tokens[Self.token(name)] = .accepted(
                Subject(name: name, groups: [], proof: .token),
                IdentityEvidence(issuer: "https://id.example", tokenIDs: ["t"], issuedAt: 1, expiry: 100),
                lifetime: 60_000_000)
        }
        let texts = ["ann", "ben", "o''neill"].flatMap { name in
            ["SET", "SET LOCAL", "set session"].map { "\($0) weir.on_behalf_of = '\(name)'" }
        }
        for text in texts + ["RESET weir.on_behalf_of", "RESET ALL"] {
            conversation.server.answers[text] = .init(tag: text.hasPrefix("RESET") ? "RESET" : "SET")
        }
        conversation.server.answers[Self.names] = .init(
            columns: [("id", Conversation.id), ("name", Conversation.name)], rows: [["1", "Ada"]],
            tag: "SELECT 1")
        conversation.server.answers["BEGIN"] = .init(tag: "BEGIN", status: .inTransaction)
        conversation.server.answers["COMMIT"] = .init(tag: "COMMIT", status: .idle)
        conversation.server.answers["ROLLBACK"] = .init(tag: "ROLLBACK", status: .idle)
        conversation.server.answers["SELECT id FROM rooms"] = .init(
            columns: [("id", ColumnType(table: 20001, attribute: 1, type: 23))], rows: [["7"]],
            tag: "SELECT 1")
        return conversation
    }

    private func statements(_ conversation: Conversation) -> [StatementIntent] {
        conversation.records.compactMap { if case .statement(let intent) = $0 { intent } else { nil } }
    }

    private static let masked = ["T id name", "D 1|[redacted]", "C SELECT 1", "Z I"]
    private static let plain = ["T id name", "D 1|Ada", "C SELECT 1", "Z I"]

    @Test func `the database gets the name, and no record the token`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        #expect(try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'").lines == ["C SET", "Z I"])
        _ = try conversation.query(
            "SET weir.on_behalf_of = '\(Self.token("o'neill").replacing("'", with: "''"))'")
        #expect(
            conversation.server.statements
                == ["SET weir.on_behalf_of = 'ann'", "SET weir.on_behalf_of = 'o''neill'"])
        #expect(!"\(conversation.records)".contains("eyJ"))
        #expect(statements(conversation).map(\.onBehalfOf) == ["ann", "o'neill"])
        #expect(
            conversation.records.contains(
                .onBehalfOf(
                    OnBehalfOfRecorded(
                        number: 1, subject: Subject(name: "ann", groups: [], proof: .token),
                        evidence: IdentityEvidence(
                            issuer: "https://id.example", tokenIDs: ["t"], issuedAt: 1, expiry: 100)))))
    }

    @Test(arguments: [(#"eve\"#, #" E'eve\\'"#), (#"a' OR \'"#, #" E'a'' OR \\'''"#)])
    func `a name is a constant, whatever is in it`(name: String, constant: String) throws {
        let conversation = try conversation()
        conversation.tokens[Self.ann] = .accepted(
            Subject(name: name, groups: [], proof: .token),
            IdentityEvidence(issuer: "https://id.example", tokenIDs: [], issuedAt: 1, expiry: 100),
            lifetime: 60_000_000)
        _ = try conversation.logIn(reporting: [("standard_conforming_strings", "off")])
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'")
        #expect(conversation.server.statements == ["SET weir.on_behalf_of = " + constant])
    }

    @Test func `a value is shown that both may see`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        #expect(try conversation.query(Self.names).lines == Self.plain)
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ben)'")
        #expect(try conversation.query(Self.names).lines == Self.masked)
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'")
        #expect(try conversation.query(Self.names).lines == Self.plain)
        _ = try conversation.query("RESET weir.on_behalf_of")
        #expect(try conversation.query(Self.names).lines == Self.plain)
        #expect(statements(conversation).map(\.onBehalfOf) == ["", "ben", "ben", "ann", "ann", "ann", ""])
    }

    @Test func `the application's own masks stay`() throws {
        let conversation = try conversation(
            Self.manifests.replacing("workloads: [job], users: [ann]}}", with: "users: [ann]}}"))
        _ = try conversation.logIn()
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'")
        #expect(try conversation.query(Self.names).lines == Self.masked)
    }

    @Test func `SET LOCAL ends with the transaction`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        _ = try conversation.query("BEGIN")
        _ = try conversation.query("SET LOCAL weir.on_behalf_of = '\(Self.ben)'")
        #expect(try conversation.query(Self.names).lines == Self.masked.dropLast() + ["Z T"])
        _ = try conversation.query("COMMIT")
        #expect(try conversation.query(Self.names).lines == Self.plain)
    }

    @Test func `a string of statements is one person's`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        let text = "SET LOCAL weir.on_behalf_of = '%'; \(Self.names)"
        conversation.server.answers[text.replacing("%", with: "ben")] = .init(tag: "SET")
        #expect(try conversation.query(text.replacing("%", with: Self.ben)).lines == ["C SET", "Z I"])
        #expect(statements(conversation).last?.verdict == .mask)
        #expect(statements(conversation).last?.onBehalfOf == "ben")
        let mixed =
            "SET weir.on_behalf_of = '\(Self.ann)'; \(Self.names); RESET weir.on_behalf_of; \(Self.names)"
        #expect(try conversation.query(mixed).lines == ["E 0A000", "Z I"])
    }

    @Test func `a token that proves nothing`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        #expect(try conversation.query("SET weir.on_behalf_of = 'eyJ.x.y'").lines == ["E 28000", "Z I"])
        #expect(statements(conversation).last?.text == Array("/* statement withheld */".utf8))
        #expect(conversation.records.contains(.onBehalfOf(OnBehalfOfRecorded(number: 1, reason: "unknown"))))
        #expect(conversation.server.statements.isEmpty)
    }

    @Test func `only who is allowed to`() throws {
        let conversation = try conversation(
            Self.manifests.replacing("allowed: {workloads: [job]}", with: "allowed: {}"))
        _ = try conversation.logIn()
        #expect(try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'").lines == ["E 42501", "Z I"])
        #expect(!"\(conversation.records)".contains("eyJ"))
        #expect(!conversation.requests.contains { if case .verifyPerson = $0 { true } else { false } })
    }

    @Test(arguments: [
        "DO $$ BEGIN PERFORM set_config('weir.on_behalf_of', 'eyJ.ann.signature', false); END $$",
        "SELECT set_config('weir.on_behalf_of', 'eyJ.ann.signature', false), id FROM rooms",
        "WITH x AS (SELECT set_config('weir.on_behalf_of', 'a', false)) SELECT * FROM x",
        "PREPARE p AS SELECT set_config('weir.on_behalf_of', $1, false)",
        "SET weir.on_behalf_of = eyJ.ann.signature",
        "SET weir.on_behalf_of = 'a', 'b'",
        "SET weir.on_behalf_of = U&'eyJ.ann.signature'",
        "SELECT 1 -- weir.on_behalf_of eyJ.ann.signature",
        "ALTER ROLE app SET WEIR.on_behalf_of = 'eyJ.ann.signature'",
        "SELECT set_config('weir.on_behalf_of', lower('A'), false)",
    ])
    func `what cannot be followed is refused, and nothing of it kept`(text: String) throws {
        for manifests in [Self.manifests, Self.manifests.replacing("mode: Enforce", with: "mode: DryRun")] {
            let conversation = try conversation(manifests)
            _ = try conversation.logIn()
            let lines = try conversation.query(text).lines
            #expect(lines == ["E 0A000", "Z I"] || lines == ["E 42501", "Z I"])
            #expect(!"\(conversation.records)".contains("signature"))
            #expect(conversation.server.statements.isEmpty)
        }
    }

    @Test func `the setting may be read`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        conversation.server.answers["SHOW weir.on_behalf_of"] = .init(
            columns: [("weir.on_behalf_of", ColumnType(table: 0, attribute: 0, type: 25))], rows: [["ann"]],
            tag: "SHOW")
        #expect(
            try conversation.query("SHOW weir.on_behalf_of").lines == [
                "T weir.on_behalf_of", "D ann", "C SHOW", "Z I",
            ])
    }

    @Test func `a token that expires or is revoked takes the statements with it`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ben)'")
        conversation.environment.identityOccasions += 1
        conversation.personEnd = .revoked
        #expect(try conversation.query(Self.names).lines == ["E 28000", "Z I"])
        #expect(try conversation.query("RESET weir.on_behalf_of").lines == ["C RESET", "Z I"])
        #expect(try conversation.query(Self.names).lines == Self.plain)
        conversation.personEnd = nil
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ben)'")
        _ = try conversation.query("BEGIN")
        #expect(try conversation.wait(seconds: 61, then: "COMMIT").lines == ["E 28000", "Z E"])
    }

    @Test func `a prepared statement with a literal, and one with a parameter`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        var bytes: [UInt8] = []
        Parse.write(statement: "s".utf8, text: "SET weir.on_behalf_of = '\(Self.ben)'".utf8, to: &bytes)
        Bind.write(portal: [], statement: "s".utf8, to: &bytes)
        Execute.write(portal: [], to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines == ["1", "2", "C SET", "Z I"])
        #expect(try conversation.query(Self.names).lines == Self.masked)

        let text = "select set_config($1, $2, true)"
        conversation.server.answers[text] = .init(tag: "SELECT 1")
        bytes = []
        Query.write("BEGIN".utf8, to: &bytes)
        Parse.write(statement: "c".utf8, text: text.utf8, to: &bytes)
        Bind.write(
            portal: [], statement: "c".utf8,
            parameters: [Array("weir.on_behalf_of".utf8), Array(Self.ann.utf8)], to: &bytes)
        Execute.write(portal: [], to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines == ["C BEGIN", "Z T", "1", "2", "C SELECT 1", "Z T"])
        #expect(statements(conversation).last?.parameters == ["?", "?"])
        #expect(try conversation.query(Self.names).lines == Self.plain.dropLast() + ["Z T"])
        _ = try conversation.query("ROLLBACK")
        #expect(try conversation.query(Self.names).lines == Self.masked)
        #expect(!"\(conversation.records)".contains("signature"))
    }

    @Test func `a portal is judged for who is there when it is run`() throws {
        let conversation = try conversation()
        _ = try conversation.logIn()
        var bytes: [UInt8] = []
        Query.write("BEGIN".utf8, to: &bytes)
        Parse.write(statement: "q".utf8, text: Self.names.utf8, to: &bytes)
        Bind.write(portal: "p".utf8, statement: "q".utf8, to: &bytes)
        Parse.write(statement: [], text: "SET weir.on_behalf_of = '\(Self.ben)'".utf8, to: &bytes)
        Bind.write(portal: [], statement: [], to: &bytes)
        Execute.write(portal: [], to: &bytes)
        Execute.write(portal: "p".utf8, to: &bytes)
        bytes.appendSync()
        #expect(try conversation.send(bytes).lines.contains("D 1|[redacted]"))
    }

    @Test(arguments: [1, 7, 0]) func `a person from the first statement on`(chunk: Int) throws {
        let conversation = try conversation()
        conversation.chunk = chunk
        _ = try conversation.logIn(parameters: [.init("options", "-c weir.on_behalf_of=\(Self.ben)")])
        #expect(try conversation.query(Self.names).lines == Self.masked)
        _ = try conversation.query("SET weir.on_behalf_of = '\(Self.ann)'")
        _ = try conversation.query("RESET ALL")
        #expect(try conversation.query(Self.names).lines == Self.masked)
    }

    @Test(arguments: ["-ec weir.on_behalf_of=boss", "-e -Ocweir.on-behalf-of=boss"])
    func `switches in one word do not name somebody to the server`(options: String) throws {
        let session = try conversation().session
        var startup: [UInt8] = []
        StartupMessage(
            version: .oldest,
            parameters: [.init("user", "somebody"), .init("database", "clinic"), .init("options", options)]
        ).write(to: &startup)
        session.receive(client: startup.span, at: 0)
        session.output.reset()
        session.credentialFound(
            .trusted, subject: Subject(name: "job", groups: [], proof: .workload),
            randomness: [UInt8](repeating: 1, count: 18))
        #expect(String(decoding: session.output.toClient, as: UTF8.self).contains("0A000"))
        #expect(session.output.requests == [.close])
    }
}
