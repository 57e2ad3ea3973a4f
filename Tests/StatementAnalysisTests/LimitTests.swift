import StatementAnalysis
import Testing

struct LimitTests {
    private func failure(_ text: String) -> AnalysisError? {
        do throws(AnalysisError) {
            _ = try StatementAnalyzer(catalogue: .clinic, context: SessionContext()).analyze(Array(text.utf8))
            return nil
        } catch { return error }
    }

    /// As many repetitions as fit into the longest text.
    private func longest(_ start: String, _ unit: String, _ end: String = "") -> String {
        let room = StatementLimits.maximumTextLength - start.utf8.count - end.utf8.count
        return start + String(repeating: unit, count: room / unit.utf8.count) + end
    }

    @Test func `a run of operator characters has a limit, also in a comment`() {
        let run = { "SELECT 1 /" + String(repeating: "*", count: $0) + "/" }
        #expect(failure(run(StatementLimits.maximumOperatorRun - 2)) == nil)
        #expect(failure(run(StatementLimits.maximumOperatorRun - 1)) == .tooComplex)
    }

    @Test func `a text of the longest length is analysed and a longer one is not`() throws {
        let text = longest("SELECT 1 /*", "x", "*/; DELETE FROM patients")
        #expect(text.utf8.count == StatementLimits.maximumTextLength)
        #expect(try StatementAnalyzer.all(text).map(\.command) == [.select, .delete])
        #expect(failure(text + " ") == .tooLong(limit: StatementLimits.maximumTextLength))
    }

    /// Stands for `@` in the texts below.
    private static let long = String(repeating: "'';--$$ \\\\ ", count: 200_000)

    @Test(arguments: [
        "SELECT '@', name FROM patients", "SELECT N'@', name FROM patients",
        "SELECT E'@', name FROM patients",
        "SELECT U&'@' UESCAPE '!', name FROM patients", "SELECT $q$@$q$, name FROM patients",
        "SELECT lower('a' || '@'::text), name FROM patients",
        "SELECT 'begun'\n  '@', name FROM patients WHERE '@' = name",
    ])
    func `of a text that is long by its constants the rest is analysed`(text: String) throws {
        let long = text.replacing("@", with: Self.long)
        #expect(long.utf8.count > StatementLimits.maximumTextLength)
        let facts = try StatementAnalyzer.all(text)
        #expect(try StatementAnalyzer.all(long).map(\.columnsRead) == facts.map(\.columnsRead))
        #expect(try StatementAnalyzer.all(long).map(\.result) == facts.map(\.result))
    }

    @Test(arguments: [
        "SET application_name = '@'", "SELECT set_config('search_path', '@', false)", "DO '@'",
        "SELECT pg_catalog.set_config('search_path', lower('@'), false)",
        "COPY patients FROM STDIN (NULL '@')", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS '@'",
        "PREPARE p AS SELECT '@'", "COMMENT ON TABLE patients IS '@'",
        "SELECT '@', 'a constant that was cut'", "SELECT '@", "SELECT $q$@$q", "SELECT @",
        "SELECT XMLPARSE(DOCUMENT '@')", "SELECT 1 /* '@",
    ])
    func `where a constant may decide, or is none, a long text is refused`(text: String) {
        let long = text.replacing("@", with: Self.long)
        #expect(failure(long) == .tooLong(limit: StatementLimits.maximumTextLength))
    }

    @Test(arguments: ["SELECT '@' FROM FROM patients", "SELECT 'ä@', 'ü@' FROM 'ö' FROM"])
    func `where a long text does not parse is told as of a short one`(text: String) throws {
        guard case .syntax(let message, let position) = failure(text) else {
            Issue.record("it parses")
            return
        }
        let count = text.prefix(position).count { $0 == "@" }
        #expect(
            failure(text.replacing("@", with: Self.long))
                == .syntax(message: message, position: position + count * (Self.long.count - 1)))
    }

    @Test(arguments: [
        ("SELECT 1", "+1", ""), ("SELECT 1", " UNION SELECT 1", ""), ("SELECT a", "::a", ""),
        ("SELECT a FROM b", " JOIN b ON c", ""), ("SELECT a", " ISNULL", ""), ("SELECT a", " COLLATE c", ""),
    ])
    func `the deepest trees of the longest texts are refused and the stack holds`(
        start: String, unit: String, end: String
    ) {
        #expect(failure(longest(start, unit, end)) == .tooDeep)
    }

    @Test(arguments: ["(", "NOT ", "- ", "CASE WHEN ", "ARRAY[", "f("])
    func `what nests without end is the grammar's own limit`(unit: String) {
        guard case .syntax(let message, _) = failure(longest("SELECT ", unit, "1")) else {
            Issue.record("not refused")
            return
        }
        #expect(message.hasPrefix("memory exhausted"))
    }

    @Test func `expressions nest to the limit and no further`() throws {
        func nested(_ depth: Int) -> String {
            "SELECT " + String(repeating: "coalesce(", count: depth) + "name"
                + String(repeating: ")", count: depth)
                + " FROM patients"
        }
        #expect(failure(nested(380)) == nil)
        #expect(failure(nested(420)) == .tooDeep)
    }

    @Test func `a long chain of set operations is no nesting`() throws {
        let text =
            "SELECT ssn FROM patients"
            + String(repeating: " UNION ALL SELECT name FROM patients", count: 3000)
        guard case .columns(let columns) = try StatementAnalyzer.facts(text).result else {
            Issue.record("no columns")
            return
        }
        #expect(columns.count == 1)
        #expect(columns[0].lineage.columns.count == 2)
    }

    @Test func `texts the parser would not see whole are refused`() {
        #expect(failure("SELECT 1\u{0}; DELETE FROM patients") == .containsNUL)
        let analyzer = StatementAnalyzer(catalogue: .clinic, context: SessionContext())
        #expect(throws: AnalysisError.notUTF8) {
            try analyzer.analyze(
                Array("SELECT E'".utf8) + [0x95, 0x5C] + Array("'; DELETE FROM patients; --'".utf8))
        }
    }

    @Test(arguments: [
        ("selec 1", "syntax error at or near \"selec\"", 1),
        ("SELECT 'é', 1 FROM FROM", "syntax error at or near \"FROM\"", 20),
        ("DE/**/LETE FROM patients", "syntax error at or near \"DE\"", 1),
        ("SELECT 1 FROM", "syntax error at end of input", 14),
    ])
    func `a syntax error is told with its place in characters`(text: String, message: String, position: Int) {
        #expect(failure(text) == .syntax(message: message, position: position))
    }

    @Test func `a text without statements has no facts`() throws {
        #expect(try StatementAnalyzer.all("").isEmpty)
        #expect(try StatementAnalyzer.all(" ; -- x\n;").isEmpty)
    }

    @Test func `each statement's range is its own bytes`() throws {
        let text = "SELECT 'é';  DELETE FROM dual ; SELECT 2"
        let parts = try StatementAnalyzer.all(text).map { facts in
            String(decoding: Array(text.utf8)[facts.range], as: UTF8.self)
        }
        #expect(parts == ["SELECT 'é'", "  DELETE FROM dual ", " SELECT 2"])
    }
}
