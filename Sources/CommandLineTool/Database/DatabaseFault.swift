import API

/// Why a database could not be asked, and what to do about it.
enum DatabaseFault: Error, Equatable, CustomStringConvertible {
    case otherProtocol(String)
    /// What the server or the gateway's own log-in said.
    case noSession(message: String, passedOver: [String])
    case refused(sqlState: String, message: String)
    case notUnderstood(String)
    case ended

    var description: String {
        switch self {
        case .otherProtocol(let name): "DatabaseConnection \(name) is not one of PostgreSQL"
        case .noSession(let message, let passedOver):
            "no session with the database: \(TerminalText.escaped(message))"
                + passedOver.map { "\n  passed over: " + TerminalText.escaped($0) }.joined()
                + "\n  check upstream and credentials of the connection, and that --secrets holds its secret"
        case .refused(let sqlState, let message):
            "the database refused (\(sqlState)): \(TerminalText.escaped(message))"
        case .notUnderstood(let what): "the database sent what was not expected: \(what)"
        case .ended: "the database closed the connection"
        }
    }
}
