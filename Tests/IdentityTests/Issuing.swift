import API
import Cryptography
import Kubernetes

@testable import Identity

/// An issuer with an Ed25519 key, and a connection that accepts it.
struct Issuing {
    static let name = "https://id.example"
    static let now: Int64 = 1_800_000_000

    let key: Ed25519.PrivateKey
    var settings: [String: ManifestNode.Value] = [
        "issuer": .string(name), "audience": .string("weir"), "subjectPrefix": .string("oidc:"),
        "groupsClaim": .string("groups"),
        "attributes": Self.mapping(["repository": .string("repository"), "run": .string("run_id")]),
    ]
    var header: JSON = ["alg": "EdDSA", "kid": "k1", "typ": "JWT"]
    var claims: JSON = [
        "iss": .string(name), "aud": "weir", "sub": "ann", "jti": "t-1", "iat": .integer(now - 60),
        "exp": .integer(now + 600), "groups": ["dba", "staff"], "repository": "clinic/migrations",
        "run_id": 4711,
    ]

    init() throws {
        key = try Ed25519.PrivateKey(rawSeed: Array(repeating: 7, count: 32))
    }

    static func mapping(_ fields: [String: ManifestNode.Value]) -> ManifestNode.Value {
        let nowhere = ManifestPosition(file: "test", line: 0, column: 0)
        return .mapping(
            fields.map { .init(key: $0.key, position: nowhere, value: ManifestNode($0.value, at: nowhere)) })
    }

    var issuer: DatabaseConnection.Issuer {
        let node = ManifestNode(
            Self.mapping(settings), at: ManifestPosition(file: "test", line: 0, column: 0))
        var reader = MappingReader(node, faults: FaultList())
        return DatabaseConnection.Issuer(reading: &reader)
    }

    var keys: JSONWebKeySet {
        get throws {
            let raw = Base64URL.encode(try key.publicKey.rawRepresentation)
            return try JSONWebKeySet([
                "keys": [["kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": .string(raw)]]
            ])
        }
    }

    var token: String { get throws { try signed(header.rendered, claims.rendered) } }

    func signed(_ header: [UInt8], _ claims: [UInt8]) throws -> String {
        let text = Base64URL.encode(header) + "." + Base64URL.encode(claims)
        return text + "." + Base64URL.encode(try key.sign(Array(text.utf8)))
    }

    func verified(at now: Int64 = now) throws -> VerifiedIdentity {
        try Self.verified(token, by: issuer, keys, at: now)
    }

    static func verified(
        _ token: String, by issuer: DatabaseConnection.Issuer, _ keys: JSONWebKeySet?, at now: Int64 = now
    ) throws(TokenFault) -> VerifiedIdentity {
        try TokenVerifier([issuer]).verify(Array(token.utf8), at: now) { _ in keys }
    }

    /// Why it is refused; `nil` when it is not.
    func fault(at now: Int64 = now) throws -> TokenFault? {
        do {
            _ = try verified(at: now)
            return nil
        } catch let fault as TokenFault {
            return fault
        }
    }
}
