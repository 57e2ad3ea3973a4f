import Cryptography
import Kubernetes
import Logging
import Synchronization
import Testing

@testable import API
@testable import Identity
@testable import Operator

/// An operator's part that knows identities, an issuer whose keys and answers a test decides, and a clock that stands.
final class IdentityPlay: Sendable {
    static let issuer = "https://id.example"
    static let start: Int64 = 1_800_000_000

    struct Issuer: Sendable {
        var seed: UInt8 = 1
        var isDown = false
        var asked = 0
        var kid: String { "k\(seed)" }

        func key() throws -> Ed25519.PrivateKey {
            try Ed25519.PrivateKey(rawSeed: Array(repeating: seed, count: Ed25519.seedLength))
        }
    }

    let cluster: ClusterPlay
    let metrics = OperatorMetrics()
    let issuing = Mutex(Issuer())
    private let time = Mutex(start)
    private let steady = Mutex(ContinuousClock.now)

    init(issuers: JSON? = nil, saml: JSON = [], staleAfter: String = "0s") async throws {
        cluster = try await ClusterPlay()
        for name in ["weir-operator-grants"] {
            try await cluster.create(
                .secrets,
                [
                    "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                    "metadata": ["name": .string(name), "namespace": "weir-system"],
                ])
        }
        var connection = Cast.connection()
        connection["spec", "identity"] = [
            "staleAfter": .string(staleAfter), "samlProviders": saml,
            "issuers": issuers
                ?? [
                    [
                        "issuer": .string(Self.issuer), "audience": "weir", "subjectPrefix": "oidc:",
                        "jwksURI": "https://id.example/keys",
                    ]
                ],
        ]
        try await cluster.create(.databaseConnections, connection)
        try await cluster.settle()
    }

    var now: Int64 { time.withLock { $0 } }

    func wait(_ seconds: Int64) {
        time.withLock { $0 += seconds }
        steady.withLock { $0 += .seconds(seconds) }
    }

    /// Somebody sets the clock; no time has passed.
    func setClock(back seconds: Int64) { time.withLock { $0 -= seconds } }

    /// One of several replicas.
    func service(
        over api: (any APIServer)? = nil, fetch: IssuerKeys.Fetch? = nil,
        interval: Duration = IdentityService.lookInterval
    ) -> IdentityService {
        let own: IssuerKeys.Fetch = { [self] url, _ in try self.fetch(url) }
        return IdentityService(
            api: api ?? cluster.api, namespace: "weir-system", connections: cluster.state,
            hub: StreamHub(metrics: metrics), metrics: metrics,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            fetch: fetch ?? own, interval: interval, steady: { [self] in steady.withLock { $0 } },
            now: { [self] in Timestamp(microseconds: now * 1_000_000) })
    }

    private func fetch(_ url: String) throws -> [UInt8] {
        let issuer = issuing.withLock { issuer in
            issuer.asked += 1
            return issuer
        }
        if issuer.isDown { throw IssuerKeys.Fault.status(503) }
        let raw = Base64URL.encode(try issuer.key().publicKey.rawRepresentation)
        switch url {
        case "https://id.example/keys":
            let key: JSON = ["kty": "OKP", "crv": "Ed25519", "kid": .string(issuer.kid), "x": .string(raw)]
            let set: JSON = ["keys": [key]]
            return set.rendered
        default: throw IssuerKeys.Fault.status(404)
        }
    }

    func token(_ subject: String = "ann", id: String = "t-1", issuedAt: Int64? = nil) throws -> String {
        let issuer = issuing.withLock { $0 }
        let claims: JSON = [
            "iss": .string(Self.issuer), "aud": "weir", "sub": .string(subject), "jti": .string(id),
            "iat": .integer(issuedAt ?? now), "exp": .integer(now + 600),
        ]
        let header: JSON = ["alg": "EdDSA", "kid": .string(issuer.kid)]
        let text = Base64URL.encode(header.rendered) + "." + Base64URL.encode(claims.rendered)
        return text + "." + Base64URL.encode(try issuer.key().sign(Array(text.utf8)))
    }

    /// The grant, or the reason that there is none.
    func exchange(_ token: String, at service: IdentityService) async -> Result<String, TokenExchange.Refusal>
    {
        let form = [
            "grant_type": TokenExchange.grantType, "subject_token": token, "audience": "clinic/clinic",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        ]
        do throws(TokenExchange.Refusal) {
            return .success(
                try await TokenExchange(service: service).answer(to: form).text)
        } catch {
            return .failure(error)
        }
    }

    /// What a gateway makes of a grant, by what this replica tells it.
    func verify(_ grant: String, by service: IdentityService) throws -> Result<VerifiedIdentity, TokenFault> {
        let line = try #require(service.authority(for: []))
        let authority = try #require(IdentityAuthority(line: Array(line.bytes.dropLast())))
        do throws(TokenFault) {
            let grant = try SessionGrant(
                verifying: Array(grant.utf8), for: "clinic/clinic", keys: authority.grantKeys, at: now)
            return authority.revocations.isRevoked(grant.identity, at: now)
                ? .failure(.revoked) : .success(grant.identity)
        } catch {
            return .failure(error)
        }
    }
}

extension IdentityService {
    /// Does all that is due, once.
    func look() async {
        await lookAtCluster()
        await lookAtIssuers()
    }
}
