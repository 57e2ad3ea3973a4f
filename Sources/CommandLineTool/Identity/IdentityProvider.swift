import Cryptography
import FoundationEssentials
import NIOCore
import Networking

/// An OpenID provider, as its discovery document describes it (OpenID Connect Discovery 1.0).
struct IdentityProvider {
    struct Metadata: Decodable {
        var issuer: String
        var authorizationEndpoint: String?
        var tokenEndpoint: String?
        var deviceAuthorizationEndpoint: String?
    }

    struct Tokens: Decodable {
        var idToken: String?
    }

    let issuer: String
    let clientID: String
    /// `nil` for a public client, which native programs are (RFC 8252, section 8.4).
    let clientSecret: String?
    let scope: String
    let web: WebClient
    let metadata: Metadata

    /// - Throws: ``IdentityFault``, also for the document of another issuer.
    init(issuer: String, clientID: String, clientSecret: String?, scope: String, web: WebClient) async throws
    {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scope = scope
        self.web = web
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let response = try await web.send(base + "/.well-known/openid-configuration")
        guard response.status == 200 else {
            throw IdentityFault.refused(by: issuer, status: response.status, detail: "no discovery document")
        }
        metadata = try WebClient.decode(Metadata.self, response, from: issuer)
        guard metadata.issuer == issuer else { throw IdentityFault.malformedAnswer(issuer) }
    }

    private var credentials: [(String, String)] {
        [("client_id", clientID)] + (clientSecret.map { [("client_secret", $0)] } ?? [])
    }

    /// Asks the token endpoint once.
    /// - Returns: the tokens, or the provider's refusal.
    func tokens(_ form: [(String, String)]) async throws -> Result<Tokens, IdentityFault.Refusal> {
        guard let endpoint = metadata.tokenEndpoint else { throw IdentityFault.noFlow("token endpoint") }
        let response = try await web.send(endpoint, form: form + credentials)
        if response.status == 200 {
            return .success(try WebClient.decode(Tokens.self, response, from: issuer))
        }
        let refusal = try WebClient.decode(OAuthRefusal.self, response, from: issuer)
        return .failure(IdentityFault.Refusal(code: refusal.error, text: refusal.text))
    }
}

extension IdentityFault {
    struct Refusal: Error {
        var code: String
        var text: String
    }
}

/// The device authorization grant (RFC 8628): the person logs in on another device.
struct DeviceFlow {
    struct Authorization: Decodable {
        var deviceCode: String
        var userCode: String
        var verificationUri: String?
        /// What Google calls it.
        var verificationUrl: String?
        var verificationUriComplete: String?
        var expiresIn: Seconds
        var interval: Seconds?
    }

    private static let grantType = "urn:ietf:params:oauth:grant-type:device_code"
    /// In seconds, where the provider names none (RFC 8628, section 3.2), and what is added when it says so.
    private static let interval = 5.0

    let provider: IdentityProvider

    /// Calls `show` with what the person has to do, and where, then waits for it.
    func run(_ show: (_ address: String, Authorization) -> Void) async throws -> IdentityProvider.Tokens {
        guard let endpoint = provider.metadata.deviceAuthorizationEndpoint else {
            throw IdentityFault.noFlow("device flow; try without --device")
        }
        let response = try await provider.web.send(
            endpoint, form: [("client_id", provider.clientID), ("scope", provider.scope)])
        guard response.status == 200 else {
            throw IdentityFault.refused(
                by: provider.issuer, status: response.status, detail: "no device code")
        }
        let authorization = try WebClient.decode(Authorization.self, response, from: provider.issuer)
        guard let address = authorization.verificationUri ?? authorization.verificationUrl else {
            throw IdentityFault.malformedAnswer(provider.issuer)
        }
        show(address, authorization)
        var interval = max(authorization.interval?.count ?? Self.interval, 1)
        let end = ContinuousClock.now + .seconds(authorization.expiresIn.count)
        while .now < end {
            try await Task.sleep(for: .seconds(interval))
            let answer = try await provider.tokens([
                ("grant_type", Self.grantType), ("device_code", authorization.deviceCode),
            ])
            switch answer {
            case .success(let tokens): return tokens
            case .failure(let refusal) where refusal.code == "authorization_pending": continue
            case .failure(let refusal) where refusal.code == "slow_down": interval += Self.interval
            case .failure(let refusal): throw IdentityFault.denied(refusal.text)
            }
        }
        throw IdentityFault.timedOut
    }
}

/// A time in an answer: a number, or a text with one, as Entra ID's first version has it.
struct Seconds: Decodable {
    /// Longest time taken, a day. Ours.
    private static let longest = 86_400.0

    let count: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let said: Double?
        if let text = try? container.decode(String.self) {
            said = Double(text)
        } else {
            said = try container.decode(Double.self)
        }
        guard let said, said >= 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number of seconds")
        }
        count = min(said, Self.longest)
    }
}

/// The authorization code grant with PKCE (RFC 7636), answered on the loopback interface (RFC 8252, section 7.3).
struct CodeFlow {
    /// Bytes of randomness of verifier and state.
    private static let randomLength = 32

    let provider: IdentityProvider
    let loop: any EventLoop

    /// Calls `show` with the address to open in a browser, then waits for it to come back.
    func run(_ show: (String) -> Void) async throws -> IdentityProvider.Tokens {
        guard let endpoint = provider.metadata.authorizationEndpoint else {
            throw IdentityFault.noFlow("authorization code flow; try --device")
        }
        let verifier = Base64URL.encode(try RandomBytes.generate(Self.randomLength))
        let state = Base64URL.encode(try RandomBytes.generate(Self.randomLength))
        let listener = try await CallbackListener(state: state, loop: loop)
        let redirect = listener.address
        let challenge = Base64URL.encode(SHA256.digest(of: Array(verifier.utf8)))
        let query = CallbackListener.query([
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirect),
            ("scope", provider.scope), ("state", state), ("code_challenge", challenge),
            ("code_challenge_method", "S256"), ("nonce", Base64URL.encode(try RandomBytes.generate(16))),
        ])
        show(endpoint + (endpoint.contains("?") ? "&" : "?") + query)
        let fields = try await listener.answer()
        guard let code = fields["code"] else {
            throw IdentityFault.denied(CallbackListener.refusal(in: fields) ?? "no code")
        }
        let answer = try await provider.tokens([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ])
        switch answer {
        case .success(let tokens): return tokens
        case .failure(let refusal): throw IdentityFault.denied(refusal.text)
        }
    }
}
