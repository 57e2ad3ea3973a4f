import StatementAnalysis
import Testing

/// What is shown of code that a statement holds.
struct StatementCodeTests {
    private func bodies(_ text: String) -> [String] {
        StatementCode.redactedBodies(of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        "DO $$BEGIN DELETE FROM patients WHERE ssn = 'secret'; END$$",
        "DO LANGUAGE plpgsql $$BEGIN DELETE FROM patients WHERE ssn = 'secret'; /* secret */ END$$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$DELETE FROM patients WHERE ssn = 'secret' RETURNING 1$$",
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN DELETE FROM patients WHERE ssn = ''secret''; END'",
    ])
    func `code is shown without what its constants and comments say`(text: String) {
        let bodies = bodies(text)
        #expect(bodies.count == 1)
        #expect(bodies.allSatisfy { $0.contains("DELETE FROM patients WHERE ssn = $1") })
        #expect(bodies.allSatisfy { !$0.contains("secret") })
    }

    @Test(arguments: [
        "DO LANGUAGE plpython3u $$plpy.execute('secret')$$", "DO $$BEGIN PERFORM 'secret; END$$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'secret', 'secret'",
    ])
    func `nothing is shown of code that cannot be read`(text: String) {
        let withheld = String(decoding: StatementCode.unreadable, as: UTF8.self)
        #expect(Set(bodies(text)) == [withheld])
    }

    @Test(arguments: ["SELECT 1", "DELETE FROM patients WHERE note = 'DO it'", "DO", ""])
    func `other statements hold none`(text: String) {
        #expect(bodies(text).isEmpty)
    }
}
