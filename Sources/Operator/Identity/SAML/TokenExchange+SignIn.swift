import API
import Identity

extension TokenExchange {
    /// Of a ``SignIn`` with its verifier; ours.
    static let signInType = "urn:weir:token-type:sign-in"

    /// Who signed in, as the connection names subjects, and when the identity provider's session with them ends.
    static func identity(
        signedIn token: [UInt8], for connection: DatabaseConnection, keys: GrantKeySet, at now: Int64
    ) throws(Refusal) -> (VerifiedIdentity, end: Int64?) {
        let signIn: SignIn
        do throws(TokenFault) { signIn = try SignIn(verifying: token, keys: keys, at: now) } catch {
            throw Refusal(code: .invalidGrant, description: "\(error)")
        }
        do throws(TokenFault) {
            return (try signIn.identity(by: connection.spec.identity.samlProviders), signIn.sessionEnd)
        } catch {
            throw Refusal(
                code: .invalidGrant, description: "\(error)", claimed: signIn.nameID, isGenuine: true)
        }
    }
}
