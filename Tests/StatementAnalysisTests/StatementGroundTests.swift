import Testing

@testable import StatementAnalysis

/// What is asked about that a statement stands on.
struct StatementGroundTests {
    private static func ground(
        _ relations: [ObjectID] = [20_001], _ functions: [ObjectID] = [20_101],
        _ settings: [String] = ["app.user"]
    ) -> StatementGround {
        StatementGround(relations: relations, functions: functions, settings: settings)
    }

    @Test func `a name that could end a text is not asked about`() {
        let names = ["app.user", "evil'", "evil') --", "App.user", "a b", "a\"b", "a;b", "a\\b", "é"]
        #expect(names.filter(StatementGround.isPlain) == ["app.user"])
        let ground = Self.ground([], [], names)
        #expect(ground.settings == ["app.user"])
        #expect(!ground.query.contains("evil"))
    }

    @Test func `an answer is for what was asked about alone`() throws {
        var known = Self.ground()
        #expect(!known.isKnown(of: Self.ground()))
        try known.receive(row: [Array("6d3f".utf8)])
        #expect(known.digest == "6d3f" && known.isKnown(of: Self.ground()))
        for other in [Self.ground([20_002]), Self.ground([20_001], []), Self.ground([20_001], [20_101], [])] {
            #expect(!known.isKnown(of: other))
        }
    }

    @Test func `without a digest there is no answer`() {
        var ground = Self.ground()
        #expect(throws: CatalogueReader.Fault.self) { try ground.receive(row: [nil]) }
        #expect(ground.digest == nil)
    }
}
