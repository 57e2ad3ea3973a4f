import Cryptography
import Foundation
import Kubernetes
import Manifests
import Testing

@testable import API
@testable import Gateway
@testable import Identity

/// The keys of issuers that a gateway verifies tokens by.
struct KnownKeysTests {
    private static let issuer = "https://id.example"

    private let now: Int64 = 1_800_000_000
    private let start = ContinuousClock.now
    private let data: String
    private let key: Ed25519.PrivateKey
    private let unknown = TokenFault.unverifiable("the issuer's keys are not known")
    private let source = KeySource(issuer: Self.issuer, keys: "https://id.example/keys")

    init() throws {
        data = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        key = try Ed25519.PrivateKey.generate()
    }

    /// One that has the issuer's keys from that address.
    private func connection(keysAt address: String = "https://id.example/keys") throws -> DatabaseConnection {
        try SampleConnection.manifests(
            """
              identity:
                issuers:
                - issuer: \(Self.issuer)
                  audience: weir
                  jwksURI: \(address)
            """
        ).connections[0]
    }

    private func set(of key: Ed25519.PrivateKey) throws -> JSONWebKeySet {
        let raw = Base64URL.encode(try key.publicKey.rawRepresentation)
        return try JSONWebKeySet([
            "keys": [["kty": "OKP", "crv": "Ed25519", "kid": "k", "x": .string(raw)]]
        ])
    }

    private func token(by key: Ed25519.PrivateKey, at time: Int64) throws -> [UInt8] {
        let header: JSON = ["alg": "EdDSA", "kid": "k"]
        let claims: JSON = [
            "iss": .string(Self.issuer), "aud": "weir", "sub": "ann", "iat": .integer(time),
            "exp": .integer(time + 600),
        ]
        let text = Base64URL.encode(header.rendered) + "." + Base64URL.encode(claims.rendered)
        return Array((text + "." + Base64URL.encode(try key.sign(Array(text.utf8)))).utf8)
    }

    private func instant(_ time: Int64) -> ContinuousClock.Instant { start + .seconds(time - now) }

    private func known(at time: Int64) -> KnownAuthority {
        KnownAuthority(data: data, hasOperator: true, at: time, instant(time))
    }

    private func take(
        _ authority: IdentityAuthority, by known: inout KnownAuthority, at time: Int64
    ) -> Bool {
        known.take(line: authority.line.rendered, at: time, instant(time))
    }

    /// Why a token of that time is refused; `nil` when it is not.
    private func fault(
        _ known: KnownAuthority, by key: Ed25519.PrivateKey, for connection: DatabaseConnection,
        at time: Int64
    ) throws -> TokenFault? {
        let token = try token(by: key, at: time)
        do throws(TokenFault) {
            _ = try known.verify(token, for: connection, at: time, instant(time))
            return nil
        } catch {
            return error
        }
    }

    @Test func `keys from one place verify nothing for a connection that has them from another`() throws {
        let others = try Ed25519.PrivateKey.generate()
        let toy = KeySource(issuer: Self.issuer, keys: "https://toy.example/keys")
        let (payroll, playground) = (try connection(), try connection(keysAt: "https://toy.example/keys"))
        var known = known(at: now)
        let authority = IdentityAuthority(keys: [source: try set(of: key), toy: try set(of: others)])
        let isTaken = take(authority, by: &known, at: now)
        #expect(isTaken)
        #expect(try fault(known, by: key, for: payroll, at: now) == nil)
        #expect(try fault(known, by: others, for: payroll, at: now) == .signature)
        #expect(try fault(known, by: others, for: playground, at: now) == nil)
        #expect(try fault(known, by: key, for: playground, at: now) == .signature)
        // Nor are there any, while its own are not known.
        _ = take(IdentityAuthority(keys: [toy: try set(of: others)]), by: &known, at: now)
        #expect(try fault(known, by: others, for: payroll, at: now) == unknown)
    }

    @Test func `keys that an operator has not read yet hold for a day after another told them`() throws {
        let connection = try connection()
        var known = known(at: now)
        _ = take(IdentityAuthority(keys: [source: try set(of: key)]), by: &known, at: now)
        known.confirmed(known.authority.revision, at: now + 600, instant(now + 600))
        // Whatever else it says meanwhile, and however often it begins anew.
        let unread = IdentityAuthority(unread: [source])
        for (seconds, expected) in [(601, nil), (86_999, nil), (87_000, unknown)] as [(Int64, TokenFault?)] {
            _ = take(unread, by: &known, at: now + seconds)
            #expect(try fault(known, by: key, for: connection, at: now + seconds) == expected)
        }
    }

    @Test func `keys that an operator has read count, and so does that there are none`() throws {
        let connection = try connection()
        let next = try Ed25519.PrivateKey.generate()
        let unread = IdentityAuthority(unread: [source])
        var known = known(at: now)
        _ = take(IdentityAuthority(keys: [source: try set(of: key)]), by: &known, at: now)
        _ = take(unread, by: &known, at: now)
        _ = take(IdentityAuthority(keys: [source: try set(of: next)]), by: &known, at: now)
        #expect(try fault(known, by: next, for: connection, at: now) == nil)
        #expect(try fault(known, by: key, for: connection, at: now) == .signature)
        _ = take(IdentityAuthority(), by: &known, at: now)
        #expect(try fault(known, by: next, for: connection, at: now) == unknown)
        _ = take(unread, by: &known, at: now)
        #expect(try fault(known, by: next, for: connection, at: now) == unknown)
    }

    @Test(arguments: [(3600, true), (86_399, true), (86_400, false), (-1, false)] as [(Int64, Bool)])
    func `a restart of the gateway changes nothing of that`(seconds: Int64, isKnown: Bool) throws {
        let connection = try connection()
        var first = known(at: now)
        _ = take(IdentityAuthority(keys: [source: try set(of: key)]), by: &first, at: now)
        let later = now + seconds
        var second = known(at: later)
        _ = take(IdentityAuthority(unread: [source]), by: &second, at: later)
        #expect(try fault(second, by: key, for: connection, at: later) == (isKnown ? nil : unknown))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(data)/issuer-keys.json")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `keys of the same moment as what else was said are there after a restart`() throws {
        var first = known(at: now)
        _ = take(IdentityAuthority(keys: [source: try set(of: key)]), by: &first, at: now)
        let second = known(at: now + 900)
        #expect(try fault(second, by: key, for: try connection(), at: now + 900) == nil)
    }
}
