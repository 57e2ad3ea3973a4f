import Testing

@testable import StatementAnalysis

struct StatementReadingTests {
    @Test(arguments: [
        (#"SELECT '\'; DROP TABLE x; --'"#, #"SELECT  E'\'; DROP TABLE x; --'"#),
        (#"SELECT'a\\'"#, #"SELECT E'a\\'"#),
        (#"SELECT 'it''s', "a'b", $$'$$, $q$ ' $q$"#, #"SELECT  E'it''s', "a'b", $$'$$, $q$ ' $q$"#),
        (#"SELECT E'\'' , 'x'"#, #"SELECT E'\'' ,  E'x'"#),
        (#"SELECT N'\'' , B'1', X'f', U&'d'"#, #"SELECT  NCHAR E'\'' , B'1', X'f', U&'d'"#),
        ("SELECT 'a'\n'b', 'c' 'd'", "SELECT  E'a'\n'b',  E'c'  E'd'"),
        ("SELECT 'a' -- it's\n 'b'", "SELECT  E'a' -- it's\n 'b'"),
        ("-- it's\nSELECT /* 'a' /* ' */ */ 'b'", "-- it's\nSELECT /* 'a' /* ' */ */  E'b'"),
        ("SELECT a$b$'x', $1'y', 1$a$'$a$", "SELECT a$b$ E'x', $1 E'y', 1$a$'$a$"),
        ("SELECT 1E'a', date'b'", "SELECT 1E'a', date E'b'"),
        (#"SELECT 'never closed\'"#, #"SELECT  E'never closed\'"#), ("SELECT \"x", "SELECT \"x"), ("", ""),
    ])
    func `plain constants have escapes when standard_conforming_strings is off`(text: String, read: String) {
        #expect(String(decoding: StatementReading.withEscapes(Array(text.utf8)), as: UTF8.self) == read)
    }

    @Test(arguments: [
        ("SELECT 'É', \"É\" FROM größe", false), ("SELECT 1 FROM GRÖSSE", true), ("SELECT É.a", true),
        ("SELECT \"" + String(repeating: "ä", count: 23) + "\"", false),
        ("SELECT \"" + String(repeating: "ä", count: 24) + "\"", true),
        (#"SELECT E'\xe9'"#, true), (#"SELECT E'\351'"#, true), (#"SELECT E'\x41\101\\xe9'"#, false),
        (#"SELECT '\xe9', $$\xe9$$"#, false),
    ])
    func `what a database in another encoding may read otherwise is known`(text: String, depends: Bool) {
        #expect(
            StatementReading.dependsOnEncoding(
                Array(text.utf8), hasStandardStrings: true, folding: .capitals) == depends)
    }

    @Test func `where bytes are folded no letter outside ASCII stands without quotes`() {
        for (text, depends) in [("SELECT größe", true), ("SELECT \"größe\", 'größe'", false)] {
            #expect(
                StatementReading.dependsOnEncoding(
                    Array(text.utf8), hasStandardStrings: true, folding: .bytes) == depends)
        }
        #expect(
            StatementReading.dependsOnEncoding(
                Array(#"SELECT '\xe9'"#.utf8), hasStandardStrings: false, folding: .none))
    }
}
