import StatementAnalysis

/// Analyses arbitrary bytes, and says what must be so whatever they are.
package struct AnalysisExercise: Sendable {
    package struct Violation: Error, CustomStringConvertible {
        package var description: String
    }

    private let analyzer: StatementAnalyzer

    package init() {
        let columns = ["id", "name", "ssn"].enumerated().map { index, name in
            Relation.Column(number: Int16(index + 1), name: name, type: index == 0 ? 23 : 25)
        }
        analyzer = StatementAnalyzer(
            catalogue: Catalogue(
                relations: [
                    Relation(oid: 20_000, schema: "public", name: "patients", columns: columns),
                    Relation(
                        oid: 20_001, schema: "public", name: "people", kind: .view,
                        columns: Array(columns.prefix(2))),
                ],
                types: [DataType(oid: 23, name: "int4"), DataType(oid: 25, name: "text")],
                views: [20_001: "SELECT id, name FROM patients"]),
            context: SessionContext())
    }

    /// Nothing traps; statements lie within the text in order; texts of one key have the same facts; a redacted text
    /// keeps no literal of its own.
    package func run(_ text: [UInt8]) throws(Violation) {
        let facts = analysis(of: text)
        var end = 0
        for statement in facts ?? [] {
            guard statement.range.lowerBound >= end, statement.range.upperBound <= text.count else {
                throw Violation(description: "a statement lies outside of its text")
            }
            end = statement.range.upperBound
        }
        var key: [UInt8] = []
        if StatementKey.normalized(text, into: &key),
            Self.withoutRange(analysis(of: key)) != Self.withoutRange(facts)
        {
            throw Violation(description: "a text and its key have other facts")
        }
        let redacted = LiteralRedaction.redact(text)
        if facts != nil, redacted.count > 2 * text.count + LiteralRedaction.unreadable.count {
            throw Violation(description: "a redacted text grows without bound")
        }
    }

    private func analysis(of text: [UInt8]) -> [StatementFacts]? {
        do throws(AnalysisError) { return try analyzer.analyze(text) } catch { return nil }
    }

    private static func withoutRange(_ facts: [StatementFacts]?) -> [StatementFacts]? {
        facts.map { facts in
            facts.map { statement in
                var statement = statement
                statement.range = 0..<0
                return statement
            }
        }
    }
}
