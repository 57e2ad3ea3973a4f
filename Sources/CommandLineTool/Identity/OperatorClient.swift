import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// Where the operator is.
struct OperatorOptions: ParsableArguments {
    @Option(
        name: .customLong("operator"),
        help:
            "Base URL of the operator, such as https://weir-operator.example:8443; WEIR_OPERATOR when left out."
    )
    var url: String?

    @Option(
        help:
            "File with the authorities of the operator's certificate, PEM; WEIR_OPERATOR_CA, or the system's, when left out."
    )
    var operatorCA: String?

    func client(on loop: any EventLoop) throws -> OperatorClient {
        let environment = ProcessInfo.processInfo.environment
        guard let url = url ?? environment["WEIR_OPERATOR"], !url.isEmpty else {
            throw ValidationError("say where the operator is: --operator URL (or WEIR_OPERATOR)")
        }
        try WebClient.check(url, of: "--operator")
        let file = operatorCA ?? environment["WEIR_OPERATOR_CA"].flatMap { $0.isEmpty ? nil : $0 }
        return OperatorClient(
            url: url,
            web: WebClient(
                loop: loop, authorities: try file.map { try TextFile.bytes($0) },
                authorityOption: "--operator-ca (or WEIR_OPERATOR_CA)"))
    }
}

/// What the operator gives to people and jobs: grants for tokens, who was given some, and revocations.
struct OperatorClient {
    let url: String
    let web: WebClient

    struct Grant: Decodable {
        var accessToken: String
        var expiresIn: Int
        var subject: String
    }

    /// Exchanges a token (RFC 8693). `connection` is `NAMESPACE/NAME`; `lifetime` in seconds.
    func grant(for token: String, connection: String, lifetime: Int?) async throws -> Grant {
        let isSignIn = token.hasPrefix(SAMLSignIn.prefix)
        let type = isSignIn ? "urn:weir:token-type:sign-in" : "urn:ietf:params:oauth:token-type:jwt"
        var form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("subject_token", token),
            ("subject_token_type", type), ("audience", connection),
        ]
        if let lifetime { form.append(("requested_lifetime", "\(lifetime)")) }
        let response = try await web.send(url + "/v1/token", form: form)
        guard response.status == 200 else { throw refusal(response) }
        return try WebClient.decode(Grant.self, response, from: "the operator")
    }

    /// Asks for what a browser is to open: it would be sent on to the SAML identity provider.
    func checkSignIn(at address: String) async throws {
        let response = try await web.send(address)
        guard (300..<400).contains(response.status) else { throw refusal(response) }
    }

    struct Identities: Codable {
        var identities: [Identity]
        var revocations: [Revocation]
    }

    struct Identity: Codable {
        var subject: String
        var connection: String
        var issuer: String
        var state: String
        /// Seconds since 1970, as the others.
        var firstUse: Int64
        var lastUse: Int64
        var expiry: Int64
        var grants: Int64
        /// Who answers for it; empty, or absent, for people.
        var owner: String?
    }

    struct Revocation: Codable {
        var subject: String?
        var token: String?
        var issuer: String?
        var everyone: Bool?
        var issuedBefore: Int64?
        var until: Int64?
        var reason: String?
        var author: String?
        var time: Int64?
    }

    /// `token` is one of the cluster's with the audience `weir`, here and below.
    func identities(token: String) async throws -> Identities {
        let response = try await web.send(url + "/v1/identities", headers: Self.bearer(token))
        guard response.status == 200 else { throw refusal(response) }
        return try WebClient.decode(Identities.self, response, from: "the operator")
    }

    func revoke(_ revocation: Revocation, token: String) async throws {
        _ = try await send(revocation, to: "/v1/revocations", token)
    }

    /// - Returns: whether anything of it was revoked.
    func restore(_ revocation: Revocation, token: String) async throws -> Bool {
        let response = try await send(revocation, to: "/v1/restorations", token)
        guard response.status == 200 else { return true }
        return try WebClient.decode(Restoration.self, response, from: "the operator").wasRevoked
    }

    private struct Restoration: Decodable {
        var wasRevoked: Bool
    }

    private func send(
        _ revocation: Revocation, to path: String, _ token: String
    ) async throws -> HTTPResponse {
        let body = Array(try JSONEncoder().encode(revocation))
        let response = try await web.send(url + path, headers: Self.bearer(token), json: body)
        guard (200..<300).contains(response.status) else { throw refusal(response) }
        return response
    }

    static func bearer(_ token: String) -> [(name: String, value: String)] {
        [("Authorization", "Bearer \(token)")]
    }

    func refusal(_ response: HTTPResponse) -> IdentityFault {
        let (decoder, body) = (WebClient.decoder, Data(response.body))
        let told = try? decoder.decode(OAuthRefusal.self, from: body).text
        let message = try? decoder.decode(ErrorMessage.self, from: body).error.message
        let detail = told ?? message ?? String(decoding: response.body.prefix(500), as: UTF8.self)
        return .refused(by: "the operator", status: response.status, detail: detail)
    }
}

/// What the operator's own routes say that refuse.
private struct ErrorMessage: Decodable {
    struct Detail: Decodable {
        var message: String
    }

    var error: Detail
}
