/// Why somebody could not prove who they are, and what to do about it. Holds no token.
enum IdentityFault: Error, Equatable, CustomStringConvertible {
    case noToken
    case notLoggedIn
    case unreadable(String)
    case unwritable(String)
    case openFile(String)
    case unreachable(String, reason: String)
    case refused(by: String, status: Int, detail: String)
    case malformedAnswer(String)
    case noFlow(String)
    case noIDToken
    case denied(String)
    case timedOut
    case notStarted(String)

    var description: String {
        switch self {
        case .noToken:
            "there is no token: give --token-file FILE (- for standard input; or WEIR_TOKEN_FILE), log in with weirctl login, or run where "
                + "GitHub Actions gives identity tokens (permissions: id-token: write)"
        case .notLoggedIn:
            "you are not logged in, or not any more: weirctl login --issuer URL --client-id ID, or --saml NAMESPACE/NAME"
        case .unreadable(let path): "\(path) cannot be read, or holds nothing"
        case .unwritable(let path): "\(path) cannot be written"
        case .openFile(let path): "\(path) can be read by others; chmod 600 \(path)"
        case .unreachable(let url, let reason): "\(url) cannot be reached: \(TerminalText.escaped(reason))"
        case .refused(let who, let status, let detail):
            "\(who) answered \(status): \(TerminalText.escaped(detail))"
        case .malformedAnswer(let who): "\(who) answered what is none of its answers"
        case .noFlow(let what): "the issuer offers no \(what)"
        case .noIDToken: "the issuer gave no ID token; ask for the scope openid"
        case .denied(let reason): "the issuer said no: \(TerminalText.escaped(reason))"
        case .timedOut: "nobody logged in in time"
        case .notStarted(let program): "\(program) cannot be started"
        }
    }
}
