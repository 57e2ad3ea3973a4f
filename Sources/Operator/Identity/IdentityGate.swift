import API
import Hummingbird

/// Who may look at identities and revoke them.
protocol IdentityGate: Sendable {
    /// - Returns: the name of who asks.
    /// - Throws: 401, 403, and 503 when that cannot be told.
    func admit(_ request: Request, to verb: IdentityVerb) async throws -> String
}

enum IdentityVerb: String {
    case list
    case revoke
}

/// Without a cluster: people, by their tokens, who are named.
struct LocalAdministrators: IdentityGate {
    let tokens: LocalTokens
    let names: Set<String>

    func admit(_ request: Request, to verb: IdentityVerb) async throws -> String {
        let authorization = request.headers[.authorization] ?? ""
        guard authorization.hasPrefix("Bearer "),
            let person = tokens.person(String(authorization.dropFirst("Bearer ".count)))
        else { throw HTTPError(.unauthorized, message: "the token is nobody's") }
        guard names.contains(person.username) else {
            throw HTTPError(
                .forbidden, message: "\(person.username) may not \(verb.rawValue) identities: see --administrators")
        }
        return person.username
    }
}
