/// Why a self-test could not be run, and what to do about it.
enum SelfTestFault: Error, Equatable, CustomStringConvertible {
    case noSession(String)
    case schemaExists
    case notGoverned(connection: String)
    case notInForce
    case notASelfTest(String)

    var description: String {
        switch self {
        case .noSession(let message): "no session with the gateway: \(TerminalText.escaped(message))"
        case .schemaExists:
            """
            the database has a schema \(ScratchSchema.name) already, which is left as it is; if it is left from a \
            self-test that was cut off, DROP SCHEMA \(ScratchSchema.name) CASCADE
            """
        case .notGoverned(let connection):
            """
            the manifests do not govern the scratch schema for this user; put what "weirctl self-test manifests \
            --connection \(connection)" prints into the gateway's manifests
            """
        case .notInForce:
            """
            the gateway does not mask what its manifests say it masks: has it read these manifests, and does it serve \
            this connection at this address?
            """
        case .notASelfTest(let path): "\(TerminalText.escaped(path)) is no report of a self-test"
        }
    }
}
