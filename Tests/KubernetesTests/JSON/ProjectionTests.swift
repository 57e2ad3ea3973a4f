import Kubernetes
import Testing

struct ProjectionTests {
    private static let chosen = (JSON.Projection([["kind"]]).choosing(["PGHOST", "é"])).nested(under: "*")

    private func read(_ text: String, _ projection: JSON.Projection) throws -> JSON {
        try JSON(parsing: Array(text.utf8), keeping: projection)
    }

    @Test(arguments: [
        (#"[{"name":"PGHOST","value":"db"}]"#, #"[{"name":"PGHOST","value":"db"}]"#),
        // Wherever the name stands, and however it is spelled.
        (#"[{"value":{"name":"x"}, "name" : "PGHOST"}]"#, #"[{"name":"PGHOST","value":{"name":"x"}}]"#),
        (#"[{"name":"PG\u0048OST","value":"db"}]"#, #"[{"name":"PGHOST","value":"db"}]"#),
        (#"[{"n\u0061me":"é","value":1}]"#, #"[{"name":"é","value":1}]"#),
        // Others keep what is kept of all, and their places.
        (#"[{"name":"PGHOSTS","kind":"a","value":"db"},{},7,null]"#, #"[{"kind":"a"},{},7,null]"#),
        (#"[{"name":["PGHOST"],"value":1},{"name":"pghost"}]"#, "[{},{}]"),
        (#"[{"value":{"name":"PGHOST"}}]"#, "[{}]"),
    ])
    func `an object that is chosen by its name is kept whole`(text: String, kept: String) throws {
        #expect(try read(text, Self.chosen) == JSON(parsing: Array(kept.utf8)))
    }

    @Test(arguments: [
        #"[{"value":1,"name":"PGHOST"]"#, #"[{"name" "PGHOST"}]"#, #"[{"name":"PGHOST","name":"PGHOST"}]"#,
        #"[{"value":{"a":},"name":"PGHOST"}]"#, #"[{1:2}]"#, #"[{"#, #"[{"name":"PG\uD800"}]"#,
    ])
    func `what is no JSON is none, chosen or not`(text: String) {
        #expect(throws: JSONError.self) { try read(text, Self.chosen) }
    }

    @Test func `a name that is looked for does not count twice against the limits`() throws {
        var limits = JSON.Limits()
        limits.values = 5
        limits.depth = 2
        let text = Array(#"[{"a":1,"b":2,"name":"PGHOST"}]"#.utf8)
        #expect(try JSON(parsing: text, keeping: Self.chosen, limits: limits).array?.count == 1)
        limits.values = 4
        #expect(throws: JSONError.self) { try JSON(parsing: text, keeping: Self.chosen, limits: limits) }
    }

    @Test func `projections add up`() throws {
        let sum =
            JSON.Projection([["a", "b"], ["*", "c"]]) + JSON.Projection([["a", "d"]])
            + JSON.Projection([["e"]])
        let text = #"{"a":{"b":1,"c":2,"d":3},"e":{"x":4},"f":{"b":5,"c":6}}"#
        #expect(try read(text, sum).description == #"{"a":{"b":1,"d":3},"e":{"x":4},"f":{"c":6}}"#)
    }
}
