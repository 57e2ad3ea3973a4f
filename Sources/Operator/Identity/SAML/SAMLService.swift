import API
import Admission
import Cryptography
import Identity
import Kubernetes
import SAML

/// Signing in at SAML identity providers, with a cluster or without one: a request, and an answer to it, which becomes a ``SignIn``.
struct SAMLService: Sendable {
    /// `nil` where it is not known where browsers reach the operator: then nobody can sign in.
    let serviceProvider: ServiceProvider?
    /// All there are.
    let connections: @Sendable () -> [DatabaseConnection]
    /// `nil` while there is none.
    let signer: @Sendable () -> GrantKeyring.Key?
    let keys: @Sendable () -> GrantKeySet
    let assertions: any AssertionMemory
    let now: @Sendable () -> Timestamp

    /// Why nobody was signed in.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        /// The operator was not told its address.
        case unconfigured
        /// Something that is needed is not there yet.
        case unavailable(String)
        /// There is no such connection, or none with this provider.
        case unknownProvider
        case malformedRequest
        /// The browser did not begin this, or too long ago.
        case unknownRequest
        case response(SAMLFault)
        case replayed
        /// The sign-in does not fit.
        case tooLarge

        /// Whether the identity provider has signed what is refused.
        var isOfGenuineResponse: Bool {
            switch self {
            case .replayed, .tooLarge: true
            case .unconfigured, .unavailable, .unknownProvider, .malformedRequest, .unknownRequest,
                .response:
                false
            }
        }

        var description: String {
            switch self {
            case .unconfigured:
                "the operator does not know where browsers reach it: give it --public-url (operator.publicURL of the chart)"
            case .unavailable(let what): "signing in is not possible now: \(what)"
            case .unknownProvider:
                "there is no such connection with a SAML identity provider: see identity.samlProviders of the DatabaseConnection"
            case .malformedRequest: "this is no way to begin: run weirctl login --saml NAMESPACE/NAME"
            case .unknownRequest: "this browser has not begun to sign in, or too long ago; begin again"
            case .response(let fault): "\(fault)"
            case .replayed: "the assertion has been used already"
            case .tooLarge: "the assertion's attributes are too long; let the provider send fewer groups"
            }
        }
    }

    // MARK: - The request

    struct Begun {
        /// Where the browser goes.
        var location: String
        /// A header's value.
        var cookie: String
    }

    /// - Parameter query: `connection`, `port`, `state`, `challenge`, and `provider` where the connection has several.
    /// - Returns: where the browser goes, and what it keeps.
    /// - Throws: ``Refusal``.
    func begin(_ query: (String) -> String?) throws(Refusal) -> Begun {
        guard let serviceProvider else { throw .unconfigured }
        let name = query("connection") ?? ""
        guard let provider = provider(query("provider"), of: name) else { throw .unknownProvider }
        guard let signer = signer() else { throw .unavailable("there is no key yet") }
        guard let request = try? AuthnRequest(by: serviceProvider, at: now()) else {
            throw .unavailable("there is no randomness")
        }
        guard
            let state = SAMLRequestState(
                request: request.id, connection: name, provider: provider.entityID, port: query("port") ?? "",
                state: query("state") ?? "", challenge: query("challenge") ?? "",
                expiry: seconds + SAMLRequestState.lifetime)
        else { throw .malformedRequest }
        guard let text = try? state.signed(by: signer) else { throw .unavailable("nothing can be signed") }
        return Begun(
            location: request.address(at: provider.singleSignOnURL, relayState: state.mark),
            cookie: SAMLRequestState.cookie(state.mark, text, lifetime: SAMLRequestState.lifetime))
    }

    private func provider(_ entityID: String?, of connection: String) -> DatabaseConnection.SAMLProvider? {
        let providers = connections().first { $0.metadata.qualifiedName == connection }?
            .spec.identity.samlProviders
        return providers?.first { entityID == nil || $0.entityID == entityID }
    }

    // MARK: - The answer

    /// What a browser brings says which request it answers.
    func request(_ relayState: String?, cookie: (String) -> String?) throws(Refusal) -> SAMLRequestState {
        guard let relayState, SAMLRequestState.isMark(relayState),
            let text = cookie(SAMLRequestState.cookieName(relayState)),
            let state = try? SAMLRequestState(verifying: text, keys: keys(), at: seconds),
            state.mark == relayState
        else { throw .unknownRequest }
        return state
    }

    /// - Returns: the sign-in as text, without its verifier, and whom it is of.
    func finish(
        _ request: SAMLRequestState, response: String
    ) async throws(Refusal) -> (text: String, signIn: SignIn) {
        guard let serviceProvider else { throw .unconfigured }
        guard let provider = provider(request.provider, of: request.connection) else {
            throw .unknownProvider
        }
        let now = seconds
        let assertion: VerifiedAssertion
        do throws(SAMLFault) {
            let verifier = try ResponseVerifier(
                issuer: provider.entityID, certificates: provider.certificates,
                clockSkew: provider.clockSkew.components.seconds, for: serviceProvider)
            assertion = try verifier.verify(response, answering: request.request, at: now)
        } catch {
            throw .response(error)
        }
        let signIn = signIn(assertion, for: request, at: now)
        guard let signer = signer() else { throw .unavailable("there is no key yet") }
        guard signIn.fits else { throw .tooLarge }
        guard let text = try? signIn.signed(by: signer.key, id: signer.id) else {
            throw .unavailable("nothing can be signed")
        }
        // No answer is taken after the request's own end.
        try await take(assertion, until: request.expiry, at: now)
        return (text, signIn)
    }

    private func take(_ assertion: VerifiedAssertion, until end: Int64, at now: Int64) async throws(Refusal) {
        let name = TakenAssertion(id: assertion.id, issuer: assertion.issuer)
        let isNew: Bool
        do { isNew = try await assertions.take(name, until: end, at: now) } catch {
            throw .unavailable("it cannot be told which assertions were used")
        }
        guard isNew else { throw .replayed }
    }

    /// Of the attributes, those that a connection has a use for.
    private func signIn(
        _ assertion: VerifiedAssertion, for request: SAMLRequestState, at now: Int64
    ) -> SignIn {
        let providers = connections().flatMap(\.spec.identity.samlProviders)
        let names = providers.filter { $0.entityID == assertion.issuer }
            .reduce(into: Set<String>()) { $0.formUnion($1.attributeNames) }
        return SignIn(
            issuer: assertion.issuer, certificate: assertion.certificate, assertionID: assertion.id,
            nameID: assertion.nameID, isTransient: assertion.isTransient,
            attributes: assertion.attributes.filter { names.contains($0.key) }, issuedAt: assertion.issuedAt,
            expiry: min(now + SignIn.maximumLifetime, assertion.sessionEnd ?? .max),
            sessionEnd: assertion.sessionEnd, challenge: request.challenge)
    }

    private var seconds: Int64 { now().microseconds / 1_000_000 }
}

extension SAMLService {
    /// Signs by the key of grants, and keeps what was used where revocations are kept.
    init(
        _ identities: IdentityService, publicURL: String?,
        connections: @escaping @Sendable () -> [DatabaseConnection]
    ) {
        self.init(
            serviceProvider: publicURL.map { ServiceProvider(url: $0) }, connections: connections,
            signer: { identities.signer }, keys: { identities.grantKeys },
            assertions: StoredAssertionMemory(
                stored: StoredDocument(
                    StoredAssertionMemory.name, in: identities.namespace, api: identities.api)),
            now: { identities.time })
    }
}

extension ClusterView {
    /// All that can be used.
    mutating func usableConnections() -> [DatabaseConnection] {
        var usable: [DatabaseConnection] = []
        for namespace in namespacesWithConnections {
            usable += attachments(in: namespace).compactMap { $0.bound?.connection }
        }
        return usable
    }
}
