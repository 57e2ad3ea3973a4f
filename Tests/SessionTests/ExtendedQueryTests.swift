import Testing
import WireProtocols

@testable import Session

struct ExtendedQueryTests {
    private func conversation() throws -> Conversation {
        let conversation = try Conversation()
        conversation.server.answers = [
            "SELECT id, name FROM patients": .init(
                columns: [("id", Conversation.id), ("name", Conversation.name)], rows: [["1", "Ada"]],
                tag: "SELECT 1"),
            "SELECT id FROM rooms": .init(
                columns: [("id", ColumnType(table: 20001, attribute: 1, type: 23))], rows: [["7"]],
                tag: "SELECT 1"),
            "SET search_path TO public": .init(tag: "SET"),
            "SELECT broken": .init(
                error: DiagnosticFields(.error, sqlState: "42703", message: "no such column")),
        ]
        _ = try conversation.logIn()
        return conversation
    }

    private func messages(_ build: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        build(&bytes)
        return bytes
    }

    private func run(_ text: String, to bytes: inout [UInt8]) {
        Parse.write(statement: "".utf8, text: text.utf8, to: &bytes)
        Bind.write(portal: "".utf8, statement: "".utf8, to: &bytes)
        Execute.write(portal: "".utf8, to: &bytes)
    }

    @Test func `rows of an undescribed portal are masked and the gateway asks for their types itself`() throws
    {
        let conversation = try conversation()
        let bytes = messages { bytes in
            run("SELECT id, name FROM patients", to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "2", "D 1|[redacted]", "C SELECT 1", "Z I"])
        #expect(conversation.server.describeCount == 1)
    }

    @Test func `a described statement is not asked about again`() throws {
        let conversation = try conversation()
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: "SELECT id, name FROM patients".utf8, to: &bytes)
            Describe.write(.statement, "s".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "t", "T id name", "Z I"])
        for _ in 0..<2 {
            let bytes = messages { bytes in
                Bind.write(portal: "".utf8, statement: "s".utf8, to: &bytes)
                Execute.write(portal: "".utf8, to: &bytes)
                bytes.appendSync()
            }
            #expect(try conversation.send(bytes).lines == ["2", "D 1|[redacted]", "C SELECT 1", "Z I"])
        }
        #expect(conversation.server.describeCount == 1)
    }

    @Test func `what follows a refusal in a pipeline is not run`() throws {
        let conversation = try conversation()
        let bytes = messages { bytes in
            run("SELECT id FROM rooms", to: &bytes)
            run("DELETE FROM rooms", to: &bytes)
            run("SELECT id FROM rooms", to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "2", "D 7", "C SELECT 1", "E 42501", "Z I"])
        #expect(conversation.server.statements == ["SELECT id FROM rooms"])
    }

    @Test func `a refused query is skipped with the rest of a pipeline that has failed`() throws {
        let conversation = try conversation()
        let bytes = messages { bytes in
            run("SELEC", to: &bytes)
            Query.write("DELETE FROM rooms".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["E 42601", "Z I"])
        #expect(try conversation.query("SELECT id FROM rooms").lines == ["T id", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `a Bind of a statement closed by DEALLOCATE ALL fails, of the unnamed one it does not`() throws
    {
        let conversation = try conversation()
        conversation.server.answers["DEALLOCATE ALL"] = .init(tag: "DEALLOCATE ALL")
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: "SELECT id FROM rooms".utf8, to: &bytes)
            Parse.write(statement: "".utf8, text: "SELECT id FROM rooms".utf8, to: &bytes)
            bytes.appendSync()
            Query.write("DEALLOCATE ALL".utf8, to: &bytes)
            Bind.write(portal: "".utf8, statement: "".utf8, to: &bytes)
            Execute.write(portal: "".utf8, to: &bytes)
            Bind.write(portal: "".utf8, statement: "s".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(
            try conversation.send(bytes).lines
                == ["1", "1", "Z I", "C DEALLOCATE ALL", "Z I", "2", "D 7", "C SELECT 1", "E 26000", "Z I"])
    }

    @Test func `a statement waits for the setting before it`() throws {
        let conversation = try conversation()
        let bytes = messages { bytes in
            run("SET search_path TO public", to: &bytes)
            run("SELECT id FROM rooms", to: &bytes)
            bytes.appendSync()
        }
        #expect(
            try conversation.send(bytes).lines
                == ["1", "2", "C SET", "1", "2", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `a failed Parse leaves the statement of that name as it was`() throws {
        let conversation = try conversation()
        let first = messages { bytes in
            Parse.write(statement: "s".utf8, text: "SELECT id FROM rooms".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(first).lines == ["1", "Z I"])
        let second = messages { bytes in
            Bind.write(portal: "".utf8, statement: "nobody's".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(second).lines == ["E 26000", "Z I"])
        let third = messages { bytes in
            Bind.write(portal: "".utf8, statement: "s".utf8, to: &bytes)
            Execute.write(portal: "".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(third).lines == ["2", "D 7", "C SELECT 1", "Z I"])
    }

    @Test func `a portal is fetched from as itself, not as the cursor that had its name`() throws {
        let conversation = try conversation()
        let computed = ColumnType(type: 25)
        conversation.server.answers = [
            "BEGIN": .init(tag: "BEGIN", status: .inTransaction),
            "COMMIT": .init(tag: "COMMIT", status: .idle),
            "DECLARE c CURSOR FOR SELECT id FROM rooms": .init(tag: "DECLARE CURSOR"),
            "SELECT name FROM patients": .init(
                columns: [("name", computed)], rows: [["Ada"]], tag: "SELECT 1"),
            "FETCH ALL c": .init(columns: [("name", computed)], rows: [["Ada"]], tag: "FETCH 1"),
        ]
        for text in ["BEGIN", "DECLARE c CURSOR FOR SELECT id FROM rooms", "COMMIT", "BEGIN"] {
            #expect(try conversation.query(text).lines.first?.hasPrefix("C") == true)
        }
        let bytes = messages { bytes in
            Parse.write(statement: "s".utf8, text: "SELECT name FROM patients".utf8, to: &bytes)
            Bind.write(portal: "c".utf8, statement: "s".utf8, to: &bytes)
            bytes.appendSync()
        }
        #expect(try conversation.send(bytes).lines == ["1", "2", "Z T"])
        #expect(
            try conversation.query("FETCH ALL c").lines
                == ["T name", "D [redacted]", "C FETCH 1", "Z T"])
    }
}
