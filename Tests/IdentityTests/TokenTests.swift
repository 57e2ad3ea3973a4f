import API
import Cryptography
import Kubernetes
import Testing

@testable import Identity

/// Tokens that are accepted, and attacks that are not.
struct TokenTests {
    private var issuing: Issuing

    init() throws { issuing = try Issuing() }

    @Test func `a token names its subject, groups and attributes`() throws {
        let identity = try issuing.verified()
        #expect(
            identity.subject
                == Subject(
                    name: "oidc:ann", groups: ["dba", "staff"], proof: .token,
                    attributes: ["repository": "clinic/migrations", "run": "4711"]))
        #expect(
            identity.evidence
                == IdentityEvidence(
                    issuer: Issuing.name, tokenIDs: ["t-1"], issuedAt: Issuing.now - 60,
                    expiry: Issuing.now + 630))
    }

    @Test(arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"])
    func `each algorithm verifies what others have signed, and nothing else`(algorithm: String) throws {
        let keys = try JSONWebKeySet(parsing: Array(Fixture.keys.utf8))
        let token = try #require(Fixture.tokens[algorithm])
        #expect(try Issuing.verified(token, by: issuing.issuer, keys, at: 1500).subject.name == "oidc:ann")
        let parts = token.split(separator: ".")
        var signature = try #require(Base64URL.decode(parts[2]))
        let signed = "\(parts[0]).\(parts[1])"
        for index in [0, signature.count / 2, signature.count - 1] {
            signature[index] ^= 1
            let forged = "\(signed).\(Base64URL.encode(signature))"
            #expect(throws: TokenFault.signature) {
                try Issuing.verified(forged, by: issuing.issuer, keys, at: 1500)
            }
            signature[index] ^= 1
        }
        for cut in [[], Array(signature.dropLast()), signature + [0]] {
            #expect(throws: TokenFault.signature) {
                try Issuing.verified("\(signed).\(Base64URL.encode(cut))", by: issuing.issuer, keys, at: 1500)
            }
        }
    }

    @Test func `an RSA key under 2048 bits verifies nothing`() throws {
        let keys = try JSONWebKeySet(parsing: Array(Fixture.keys.utf8))
        #expect(throws: TokenFault.unknownKey) {
            try Issuing.verified(try #require(Fixture.tokens["small"]), by: issuing.issuer, keys, at: 1500)
        }
    }

    @Test(arguments: ["none", "None", "HS256", "HS512", "RS1", "ES512", "", "edDSA"])
    mutating func `no other algorithm`(name: String) throws {
        issuing.header["alg"] = .string(name)
        #expect(try issuing.fault() == .algorithm)
    }

    @Test func `none without a signature`() throws {
        let header = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))
        let token = "\(header).\(Base64URL.encode(issuing.claims.rendered))."
        #expect(throws: TokenFault.algorithm) {
            try Issuing.verified(token, by: issuing.issuer, issuing.keys)
        }
    }

    @Test func `HS256 with the public key for a secret`() throws {
        let keys = try JSONWebKeySet(parsing: Array(Fixture.keys.utf8))
        let text =
            Base64URL.encode(Array(#"{"alg":"HS256","kid":"r"}"#.utf8)) + "."
            + Base64URL.encode(issuing.claims.rendered)
        var mac = HMACSHA256(key: Array(Fixture.keys.utf8))
        let token = text + "." + Base64URL.encode(mac.authenticationCode(for: Array(text.utf8)))
        #expect(throws: TokenFault.algorithm) { try Issuing.verified(token, by: issuing.issuer, keys) }
    }

    @Test mutating func `a key of another kind than the algorithm's`() throws {
        issuing.header["alg"] = "RS256"
        #expect(try issuing.fault() == .unknownKey)
        issuing.header["alg"] = "ES256"
        #expect(try issuing.fault() == .unknownKey)
    }

    @Test mutating func `an algorithm that the connection does not allow`() throws {
        issuing.settings["algorithms"] = .sequence([
            ManifestNode(.string("RS256"), at: ManifestPosition(file: "", line: 0, column: 0))
        ])
        #expect(try issuing.fault() == .algorithm)
    }

    @Test(arguments: ["k2", "", "../k1", "k1\u{0}", "' OR 1=1 --", String(repeating: "k", count: 257)])
    mutating func `a key by another name`(kid: String) throws {
        issuing.header["kid"] = .string(kid)
        let fault = try issuing.fault()
        #expect(fault == .unknownKey || fault == .malformed("key identifier"))
    }

    @Test mutating func `the one key that fits needs no name, one of two does`() throws {
        issuing.header["kid"] = nil
        #expect(try issuing.fault() == nil)
        let one = try #require(try issuing.keys.json["keys"]?.array?.first)
        var other = one
        other["kid"] = "k2"
        let two = try JSONWebKeySet(["keys": [one, other]])
        #expect(throws: TokenFault.unknownKey) {
            try Issuing.verified(issuing.token, by: issuing.issuer, two)
        }
        // Two keys of one name are none.
        let twice = try JSONWebKeySet(["keys": [one, one]])
        issuing.header["kid"] = "k1"
        #expect(throws: TokenFault.unknownKey) {
            try Issuing.verified(issuing.token, by: issuing.issuer, twice)
        }
    }

    @Test func `keys that the token brings mean nothing`() throws {
        let attacker = try Ed25519.PrivateKey.generate()
        let raw = Base64URL.encode(try attacker.publicKey.rawRepresentation)
        for parameter in [
            #""jwk":{"kty":"OKP","crv":"Ed25519","x":"\#(raw)"}"#, #""jku":"https://evil.example/keys""#,
            #""x5u":"https://evil.example/c.pem""#, #""x5c":["AAAA"]"#,
        ] {
            let text =
                Base64URL.encode(Array(#"{"alg":"EdDSA",\#(parameter)}"#.utf8)) + "."
                + Base64URL.encode(issuing.claims.rendered)
            let token = text + "." + Base64URL.encode(try attacker.sign(Array(text.utf8)))
            #expect(throws: TokenFault.signature) {
                try Issuing.verified(token, by: issuing.issuer, issuing.keys)
            }
        }
    }

    @Test(arguments: [
        #"{"alg":"EdDSA","crit":["exp"],"exp":1}"#, #"{"alg":"EdDSA","b64":false}"#,
        #"{"alg":"EdDSA","zip":"DEF"}"#, #"{"alg":"EdDSA","cty":"JWT"}"#,
        #"{"alg":"EdDSA","typ":"logout+jwt"}"#,
        #"{"alg":"EdDSA","typ":"dpop+jwt"}"#, #"{"alg":"EdDSA","typ":7}"#, #"{"alg":"EdDSA","kid":7}"#,
        #"{"alg":"none","alg":"EdDSA"}"#, #"{"alg":"EdDSA"} "{}"#, "[]", "", "{",
    ])
    func `a header that is not one`(header: String) throws {
        let token = try issuing.signed(Array(header.utf8), issuing.claims.rendered)
        #expect {
            try Issuing.verified(token, by: issuing.issuer, issuing.keys)
        } throws: { error in
            if case .malformed = error as? TokenFault { true } else { false }
        }
    }

    @Test func `a payload with one claim twice`() throws {
        var text = String(decoding: issuing.claims.rendered, as: UTF8.self)
        text.replace(#""sub":"ann""#, with: #""sub":"eve","sub":"ann""#)
        let token = try issuing.signed(issuing.header.rendered, Array(text.utf8))
        #expect(throws: TokenFault.malformed("payload")) {
            try Issuing.verified(token, by: issuing.issuer, issuing.keys)
        }
    }

    @Test func `only one text is the token`() throws {
        let token = try issuing.token
        for other in [
            "\(token).", ".\(token)", "\(token)=", "\(token)\n", " \(token)",
            token.replacing(".", with: ".."),
        ] {
            #expect(throws: TokenFault.self) { try Issuing.verified(other, by: issuing.issuer, issuing.keys) }
        }
        let long = token + String(repeating: "A", count: CompactToken.maximumLength)
        #expect(throws: TokenFault.malformed("too long")) {
            try Issuing.verified(long, by: issuing.issuer, issuing.keys)
        }
    }

    @Test func `any cut or flipped byte is refused without a crash`() throws {
        let token = Array(try issuing.token.utf8)
        let (issuer, keys) = (issuing.issuer, try issuing.keys)
        for index in token.indices {
            var broken = token
            broken[index] ^= 0x01
            for candidate in [broken, Array(token[..<index])] {
                #expect(throws: TokenFault.self) {
                    try TokenVerifier([issuer]).verify(candidate, at: Issuing.now) { _ in keys }
                }
            }
        }
    }

    @Test func `a password is no token, and a grant is`() throws {
        for token in [try issuing.token, "a.b.c", "weir-grant-v1.cut", "weir-grant-v1.k.p.s"] {
            #expect(TokenVerifier.isToken(Array(token.utf8)), "\(token)")
        }
        for password in ["", "guess", "first.last", "a.b.c.d", "weir-grant-v1"] {
            #expect(!TokenVerifier.isToken(Array(password.utf8)), "\(password)")
        }
    }
}
