package import ArgumentParser
import Cryptography
import FoundationEssentials
import NIOCore
import Networking

/// `weirctl login`.
package struct LoginCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in at an OpenID or SAML identity provider, for weirctl connect and weirctl token.",
        discussion: """
            Opens nothing by itself: it prints an address. With --device the address can be opened on any device \
            (RFC 8628); without, on this one, whose browser comes back to a port of 127.0.0.1 (PKCE, RFC 7636).

            With --saml NAMESPACE/NAME it is the SAML identity provider of that connection, by way of the operator.

            The token is kept for you alone in $WEIR_HOME/login.json, or ~/.local/state/weir/login.json, until it \
            expires or weirctl login --forget removes it.
            """)

    @Option(help: "The issuer, as the DatabaseConnection names it; WEIR_ISSUER when left out.")
    var issuer: String?

    @Option(help: "This program's name at the issuer, which is its tokens' audience.")
    var clientID = "weir"

    @Option(help: "File with this program's secret at the issuer, where that asks for one.")
    var clientSecretFile: String?

    @Option(help: "What is asked for.")
    var scope = "openid profile email"

    @Option(help: "File with the authorities of the issuer's certificate, PEM; the system's when left out.")
    var issuerCA: String?

    @OptionGroup var place: OperatorOptions

    @Option(
        help: "Log in at the SAML identity provider of this connection: NAMESPACE/NAME.",
        transform: QualifiedName.checked)
    var saml: String?

    @Option(help: "The SAML identity provider's entityID, where the connection has several.")
    var provider: String?

    @Flag(help: "Log in on another device.")
    var device = false

    @Flag(help: "Remove the token.")
    var forget = false

    package init() {}

    package func validate() throws {
        guard saml == nil || issuer == nil && !device else {
            throw ValidationError("--saml goes with neither --issuer nor --device")
        }
        guard provider == nil || saml != nil else { throw ValidationError("--provider goes with --saml") }
    }

    package func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        if forget { return try SavedLogin.forget(environment) }
        if let saml { return try await signIn(to: saml, environment) }
        guard let issuer = issuer ?? environment["WEIR_ISSUER"], !issuer.isEmpty else {
            throw ValidationError("give --issuer URL, or WEIR_ISSUER")
        }
        try WebClient.check(issuer, of: "--issuer")
        let loop = EventLoops.start(count: 1).next()
        let web = WebClient(
            loop: loop, authorities: try issuerCA.map { try TextFile.bytes($0) },
            authorityOption: "--issuer-ca")
        let secret = try clientSecretFile.map { try SecretFile.token(in: $0) }
        let provider = try await IdentityProvider(
            issuer: issuer, clientID: clientID, clientSecret: secret, scope: scope, web: web)
        let tokens: IdentityProvider.Tokens
        if device {
            tokens = try await DeviceFlow(provider: provider).run { address, authorization in
                tell("open \(address) and enter \(authorization.userCode)")
                if let complete = authorization.verificationUriComplete { tell("or open \(complete)") }
            }
        } else {
            tokens = try await CodeFlow(provider: provider, loop: loop).run { tell("open \($0)") }
        }
        guard let token = tokens.idToken else { throw IdentityFault.noIDToken }
        // Its fraction is dropped.
        guard let claims = Self.claims(of: token), let expiry = Int64(exactly: claims.exp.rounded(.down))
        else { throw IdentityFault.malformedAnswer(issuer) }
        try SavedLogin(issuer: issuer, clientID: clientID, token: token, expiry: expiry).save(environment)
        tell("logged in as \(claims.sub)")
    }

    private func signIn(to connection: String, _ environment: [String: String]) async throws {
        let loop = EventLoops.start(count: 1).next()
        let outcome = try await SAMLSignIn(
            client: place.client(on: loop), connection: connection, provider: provider, loop: loop
        ).run { tell("open \($0)") }
        let claims = outcome.claims
        try SavedLogin(issuer: claims.iss, clientID: clientID, token: outcome.token, expiry: claims.exp)
            .save(environment)
        tell("logged in as \(claims.sub)")
    }

    private struct Claims: Decodable {
        var sub: String
        var exp: Double
    }

    /// To show and to know when it ends; whoever takes the token verifies it.
    private static func claims(of token: String) -> Claims? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { return nil }
        return try? JSONDecoder().decode(Claims.self, from: Data(payload))
    }

    private func tell(_ text: String) { StandardError.line(TerminalText.escaped(text)) }
}
