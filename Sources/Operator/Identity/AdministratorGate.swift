import Hummingbird
import Kubernetes
import Logging

/// Who may look at identities and revoke them: whoever the API server knows by a token of the audience `weir`, and lets
/// do that verb on `identities` of the group `weir.dev` in the operator's namespace.
struct AdministratorGate: IdentityGate {
    let api: any APIServer
    let namespace: String
    let logger: Logger

    func admit(_ request: Request, to verb: IdentityVerb) async throws -> String {
        let authorization = request.headers[.authorization] ?? ""
        guard authorization.hasPrefix("Bearer ") else {
            throw HTTPError(.unauthorized, message: "a token of the cluster with the audience weir is needed")
        }
        let token = String(authorization.dropFirst("Bearer ".count))
        let audiences = [TokenAuthenticator.audience]
        let review: TokenReviewAnswer
        do {
            let answer = try await api.answer(to: .reviewToken(token, audiences: audiences))
            review = TokenReviewAnswer(answer, audiences: audiences)
        } catch {
            throw HTTPError(.serviceUnavailable, message: "the token cannot be judged now")
        }
        guard case .authenticated(let user) = review else {
            throw HTTPError(.unauthorized, message: "the token is refused")
        }
        let attributes = ResourceAttributes(
            verb: verb.rawValue, group: "weir.dev", resource: "identities", namespace: namespace)
        let access: AccessReviewAnswer
        do {
            access = AccessReviewAnswer(try await api.answer(to: .reviewAccess(attributes, of: user)))
        } catch {
            throw HTTPError(.serviceUnavailable, message: "access cannot be judged now")
        }
        guard access.isAllowed else {
            logger.warning("not allowed", metadata: ["user": "\(user.username)", "verb": "\(verb.rawValue)"])
            throw HTTPError(
                .forbidden,
                message:
                    "\(user.username) may not \(verb.rawValue) identities.weir.dev in namespace \(namespace)")
        }
        return user.username
    }
}
