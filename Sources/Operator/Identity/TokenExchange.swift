import API
import Cryptography
import Identity
import Kubernetes

/// Gives a grant for one connection in exchange for a token (RFC 8693).
struct TokenExchange: Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:token-exchange"
    static let tokenTypes: Set = [
        "urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token",
        "urn:ietf:params:oauth:token-type:access_token", signInType,
    ]
    /// Of what is given; ours.
    static let issuedType = "urn:weir:token-type:session-grant"

    /// RFC 6749, section 5.2, and RFC 8693, section 2.2.2.
    struct Refusal: Error, Equatable {
        enum Code: String {
            case invalidRequest = "invalid_request"
            case invalidGrant = "invalid_grant"
            case invalidTarget = "invalid_target"
            case unsupportedGrantType = "unsupported_grant_type"
            case unavailable = "temporarily_unavailable"
        }

        var code: Code
        var description: String
        /// The identity was not used for too long.
        var isStale = false
        /// Whom the token says it is of, and whether its issuer has signed it.
        var claimed = ""
        var isGenuine = false
    }

    let service: IdentityService

    func answer(to form: [String: String]) async throws(Refusal) -> (grant: SessionGrant, text: String) {
        guard form["grant_type"] == Self.grantType else {
            throw Refusal(
                code: .unsupportedGrantType, description: "only token exchange (RFC 8693) is possible")
        }
        guard let token = form["subject_token"], let type = form["subject_token_type"],
            Self.tokenTypes.contains(type), form["actor_token"] == nil
        else {
            throw Refusal(code: .invalidRequest, description: "a subject_token of a known type is needed")
        }
        guard let connection = connection(form["audience"] ?? "") else {
            throw Refusal(
                code: .invalidTarget,
                description: "audience must be NAMESPACE/NAME of a connection with issuers")
        }
        let lifetime = form["requested_lifetime"].map(Int64.init) ?? SessionGrant.maximumLifetime
        guard let lifetime, lifetime > 0 else {
            throw Refusal(code: .invalidRequest, description: "requested_lifetime is a number of seconds")
        }
        let now = service.seconds
        let (identity, end) = try await verify(Array(token.utf8), for: connection, at: now)
        try check(identity, for: connection, at: now)
        guard let signer = service.signer, let random = try? RandomBytes.generate(16) else {
            throw Refusal(code: .unavailable, description: "there is no key for grants yet")
        }
        let grant = SessionGrant(
            identity, connection: connection.metadata.qualifiedName, id: Hexadecimal.encode(random),
            lifetime: min(lifetime, end.map { $0 - now } ?? lifetime), at: now)
        guard let text = try? grant.signed(by: signer.key, id: signer.id) else {
            throw Refusal(code: .unavailable, description: "the grant cannot be signed")
        }
        guard text.utf8.count <= SessionGrant.maximumLength else {
            throw Refusal(
                code: .invalidGrant,
                description:
                    "the grant would be longer than gateways take; let the issuer send fewer groups and attributes",
                claimed: identity.subject.name, isGenuine: true)
        }
        service.ledger.note(grant, at: now)
        return (grant, text)
    }

    private func connection(_ name: String) -> DatabaseConnection? {
        service.connections.served(name).flatMap { $0.spec.identity.hasIssuers ? $0 : nil }
    }

    /// - Returns: who it is, and when that ends, also for the grants that rest on it; `nil`: with them.
    private func verify(
        _ token: [UInt8], for connection: DatabaseConnection, at now: Int64
    ) async throws(Refusal) -> (VerifiedIdentity, end: Int64?) {
        if SignIn.isSignIn(token) {
            return try Self.identity(signedIn: token, for: connection, keys: service.grantKeys, at: now)
        }
        return (try await verify(issued: token, for: connection, at: now), nil)
    }

    private func verify(
        issued token: [UInt8], for connection: DatabaseConnection, at now: Int64
    ) async throws(Refusal) -> VerifiedIdentity {
        let verifier = TokenVerifier(connection.spec.identity.issuers)
        var fault: TokenFault
        do throws(TokenFault) {
            return try verifier.verify(token, at: now) { service.keys(of: $0) }
        } catch {
            fault = error
        }
        if isAboutKeys(fault), let issuer = try? verifier.claimedIssuer(of: token),
            await service.refreshKeys(of: issuer)
        {
            do throws(TokenFault) {
                return try verifier.verify(token, at: now) { service.keys(of: $0) }
            } catch {
                fault = error
            }
        }
        throw Refusal(
            code: .invalidGrant, description: "\(fault)", claimed: verifier.claimedSubject(of: token),
            isGenuine: fault.isOfGenuineToken)
    }

    private func isAboutKeys(_ fault: TokenFault) -> Bool {
        if case .unverifiable = fault { true } else { fault == .unknownKey }
    }

    private func check(
        _ identity: VerifiedIdentity, for connection: DatabaseConnection, at now: Int64
    ) throws(Refusal) {
        guard let revocations = service.revocations else {
            throw Refusal(code: .unavailable, description: "revocations have not been read yet")
        }
        guard !revocations.isRevoked(identity, at: now) else {
            throw Refusal(
                code: .invalidGrant, description: "\(TokenFault.revoked)", claimed: identity.subject.name,
                isGenuine: true)
        }
        guard let limit = connection.spec.identity.staleAfter else { return }
        guard let lastUse = service.ledger.lastUse(of: identity.subject.name) else {
            throw Refusal(
                code: .unavailable, description: "the list of identities has not been read yet, or is full")
        }
        if let lastUse, now - lastUse > limit.components.seconds {
            throw Refusal(
                code: .invalidGrant,
                description: "the identity \(identity.subject.name) was not used for \(limit.manifestText)",
                isStale: true, claimed: identity.subject.name, isGenuine: true)
        }
    }
}
