/// What a self-test has shown; `Documentation/self-test.md` is its format.
struct SelfTestReport: Codable {
    enum Result: String, Codable, CaseIterable {
        /// It works around the gateway and did not through it.
        case held
        case leaked
        /// It does not work around the gateway, so that it says nothing of it.
        case notApplicable
    }

    struct Outcome: Codable {
        var `class`: String
        var name: String
        var result: Result
        /// By path.
        var paths: [String: Result]
        /// What leaked, never the value.
        var found: String?
    }

    static let format = "weir.dev/self-test/v1"

    var format = Self.format
    /// When it began, RFC 3339 in UTC.
    var time: String
    var weirctlVersion: String
    var serverVersion: String
    var connection: String
    var database: String
    /// `host:port`.
    var gateway: String
    var user: String
    /// The gateway's role of the database.
    var role: String
    /// SHA-256 of the manifests, hexadecimal.
    var revision: String
    var outcomes: [Outcome]

    func count(_ result: Result) -> Int { outcomes.filter { $0.result == result }.count }

    /// Lines, each ended.
    var text: String {
        var table = Table(["CLASS", "ATTACK", "SIMPLE", "EXTENDED", "BINARY", "FOUND"])
        for outcome in outcomes {
            table.add(
                [outcome.class, outcome.name]
                    + AttackPath.allCases.map { outcome.paths[$0.rawValue]?.rawValue ?? "-" }
                    + [outcome.found ?? ""])
        }
        return table.text + """

            \(TerminalText.escaped(connection)) at \(TerminalText.escaped(gateway)), database \
            \(TerminalText.escaped(database)), PostgreSQL \(TerminalText.escaped(serverVersion)), weirctl \
            \(weirctlVersion), manifests \(revision.prefix(16)), \(time)
            \(count(.held)) held, \(count(.leaked)) leaked, \(count(.notApplicable)) not applicable

            """
    }
}
