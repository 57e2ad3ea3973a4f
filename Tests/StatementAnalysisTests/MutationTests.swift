import StatementAnalysisFuzzing
import Testing

/// Statements cut, doubled and mixed with each other at places that a seed chooses.
struct MutationTests {
    private static let seeds = [
        "SELECT name, substr(ssn, 1, 3) FROM patients p WHERE id = 17 ORDER BY 1 LIMIT 5",
        "WITH RECURSIVE r(x, i) AS (SELECT name, 1 FROM patients UNION ALL SELECT x, i + 1 FROM r) SELECT x FROM r",
        "INSERT INTO patients(id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *",
        "MERGE INTO patients t USING people s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name",
        "COPY (SELECT * FROM people) TO STDOUT (FORMAT csv, HEADER true); EXPLAIN (ANALYZE) DELETE FROM patients",
        "BEGIN; DECLARE c CURSOR FOR TABLE people; FETCH ALL c; PREPARE s AS SELECT $1::int; EXECUTE s(2); COMMIT",
        "DO $$ BEGIN PERFORM 1; END $$; CREATE TABLE t AS SELECT row_to_json(p) FROM patients p; DROP TABLE t",
        "SELECT count(*) FILTER (WHERE a > 1) OVER w, (p).*, a.b[1].c FROM f(1) p WINDOW w AS (PARTITION BY z)",
    ]

    @Test func `damaged statements neither trap nor break what holds for all`() throws {
        var generator = Generator(state: 20_261_123)
        let exercise = AnalysisExercise()
        for _ in 0..<4000 {
            var text = Array(Self.seeds[generator.next(below: Self.seeds.count)].utf8)
            for _ in 0...generator.next(below: 4) {
                let other = Array(Self.seeds[generator.next(below: Self.seeds.count)].utf8)
                let place = generator.next(below: text.count)
                switch generator.next(below: 4) {
                case 0: text[place] = UInt8(generator.next(below: 256))
                case 1: text.removeSubrange(place..<min(text.count, place + 1 + generator.next(below: 12)))
                case 2: text.insert(contentsOf: other.suffix(generator.next(below: other.count)), at: place)
                default: text.insert(contentsOf: text.prefix(generator.next(below: 20)), at: place)
                }
                if text.isEmpty { text = other }
            }
            try exercise.run(text)
        }
    }

    /// xorshift64*.
    private struct Generator {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return Int((state &* 2_685_821_657_736_338_717) >> 33) % bound
        }
    }
}
