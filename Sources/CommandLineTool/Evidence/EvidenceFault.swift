/// Why evidence could not be read, and what to do about it.
enum EvidenceFault: Error, Equatable, CustomStringConvertible {
    case unknownSession(String)
    case nothingIn(String)
    case unreadable(String, reason: String)
    case unwritable(String, reason: String)
    case unreachable(String, reason: String)
    case refused(status: Int, detail: String)

    var description: String {
        switch self {
        case .unknownSession(let session): "there is no session \(session); see weirctl sessions list"
        case .nothingIn(let path):
            "\(path) is no gateway data folder, segment file, export bundle or sink data folder"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .unreachable(let url, let reason):
            "the sink at \(url) cannot be reached: \(TerminalText.escaped(reason))"
        case .refused(let status, let detail):
            "the sink answered \(status): \(TerminalText.escaped(detail))"
                + (status == 401
                    ? "; give a reader's token with --token-file (or WEIR_TOKEN_FILE, or WEIR_TOKEN)" : "")
        }
    }
}
