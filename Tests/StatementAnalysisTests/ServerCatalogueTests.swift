import FoundationEssentials
import StatementAnalysis
import Testing

/// Runs the analysis over a real server's catalogue, which a script beside these tests dumps.
///
/// `WEIR_ANALYSIS_FOLDER` names the folder. A first run writes `queries`; the script answers with `rows` (a line for
/// each row: the query's position, then each cell in hexadecimal, `-` for null) and `statements` (a line for each text,
/// in hexadecimal); a second run writes `facts`, a line for each statement.
struct ServerCatalogueTests {
    private static let folder = ProcessInfo.processInfo.environment["WEIR_ANALYSIS_FOLDER"]

    @Test(.enabled(if: folder != nil))
    func `a real server's catalogue is read and statements are analysed over it`() throws {
        let folder = try #require(Self.folder)
        var reader = CatalogueReader()
        let queries = reader.queries + [CatalogueReader.fingerprintQuery]
        try write(queries.joined(separator: "\n"), folder + "/queries")
        guard let rows = lines(folder + "/rows"), let statements = lines(folder + "/statements") else {
            return
        }
        for row in rows {
            let cells = row.split(separator: " ")
            try reader.receive(query: #require(Int(cells[0])), row: cells.dropFirst().map(decoded(_:)))
        }
        let catalogue = try reader.finish()
        let analyzer = StatementAnalyzer(
            catalogue: catalogue, context: SessionContext(currentUser: "postgres"))
        var answers: [String] = []
        for statement in statements {
            let text = decoded(statement[...]) ?? []
            do {
                let facts = try analyzer.analyze(text)
                answers.append(facts.map { describe($0, catalogue) }.joined(separator: " ;; "))
            } catch {
                answers.append("ERROR \(error)")
            }
        }
        try write(answers.joined(separator: "\n"), folder + "/facts")
        #expect(answers.count == statements.count)
    }

    private func lines(_ path: String) -> [String]? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func decoded(_ hexadecimal: Substring) -> [UInt8]? {
        if hexadecimal == "-" { return nil }
        if hexadecimal == "." { return [] }
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }
}
