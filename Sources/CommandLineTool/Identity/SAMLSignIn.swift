import Cryptography
import FoundationEssentials
import NIOCore

/// Signing in at a connection's SAML identity provider: the operator is its service provider, and sends the browser back to a port of
/// this machine.
///
/// What comes back opens nothing without the verifier, which this program made and sends to the operator alone (as RFC 7636 has it).
struct SAMLSignIn {
    /// How a sign-in begins; the operator's.
    static let prefix = "weir-sign-in-v1."
    /// Bytes of randomness of verifier and state.
    private static let randomLength = 32

    let client: OperatorClient
    /// `NAMESPACE/NAME`.
    let connection: String
    /// The identity provider's entityID, where the connection has several.
    let provider: String?
    let loop: any EventLoop

    /// What was signed in to.
    struct Outcome {
        /// The sign-in with its verifier.
        var token: String
        var claims: Claims
    }

    /// To show and to know when it ends; the operator verifies it.
    struct Claims: Decodable {
        var sub: String
        var iss: String
        var exp: Int64
    }

    /// Calls `show` with the address to open in a browser, then waits for it to come back.
    /// - Throws: before that, when the operator says that nobody can sign in: a browser would tell it, and this program
    ///   wait for it in vain.
    func run(_ show: (String) -> Void) async throws -> Outcome {
        let verifier = Base64URL.encode(try RandomBytes.generate(Self.randomLength))
        let state = Base64URL.encode(try RandomBytes.generate(Self.randomLength))
        let challenge = Base64URL.encode(SHA256.digest(of: Array(verifier.utf8)))
        let listener = try await CallbackListener(state: state, loop: loop)
        var query = [
            ("connection", connection), ("port", "\(listener.port)"), ("state", state),
            ("challenge", challenge),
        ]
        if let provider { query.append(("provider", provider)) }
        let address = "\(client.url)/v1/saml/login?\(CallbackListener.query(query))"
        try await client.checkSignIn(at: address)
        show(address)
        let fields = try await listener.answer()
        guard let signIn = fields["sign_in"] else {
            throw IdentityFault.denied(CallbackListener.refusal(in: fields) ?? "no sign-in")
        }
        guard let claims = Self.claims(of: signIn) else {
            throw IdentityFault.malformedAnswer("the operator")
        }
        return Outcome(token: "\(signIn)~\(verifier)", claims: claims)
    }

    private static func claims(of signIn: String) -> Claims? {
        let parts = signIn.split(separator: ".")
        guard signIn.hasPrefix(prefix), parts.count == 4, let payload = Base64URL.decode(parts[2]) else {
            return nil
        }
        return try? JSONDecoder().decode(Claims.self, from: Data(payload))
    }
}
