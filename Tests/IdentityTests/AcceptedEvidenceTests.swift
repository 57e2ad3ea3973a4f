import API
import Cryptography
import Testing

@testable import Identity

/// What a connection takes for a proof of who somebody is, also after its settings have changed.
struct AcceptedEvidenceTests {
    private static let entityID = "https://idp.example/metadata"

    private static func certificate() throws -> (pem: String, fingerprint: String) {
        let authority = try CertificateAuthority.make(
            commonName: "idp", validity: 1_700_000_000...1_900_000_000)
        let pem = authority.identity.certificateChainPEM
        return (
            String(decoding: pem, as: UTF8.self),
            Hexadecimal.encode(try CertificateFacts(pem: pem).fingerprint)
        )
    }

    /// With an issuer of tokens, and an identity provider that signs by these.
    private static func identity(
        trusting certificates: [String], subjectPrefix: String = ""
    ) -> DatabaseConnection.Identity {
        let nowhere = ManifestPosition(file: "test", line: 0, column: 0)
        let list = certificates.map { ManifestNode(.string($0), at: nowhere) }
        let provider = Issuing.mapping([
            "entityID": .string(entityID), "singleSignOnURL": .string("https://idp.example/sso"),
            "certificates": .sequence(list), "subjectPrefix": .string(subjectPrefix),
        ])
        let issuer = Issuing.mapping(["issuer": .string(Issuing.name), "audience": .string("weir")])
        let fields = Issuing.mapping([
            "issuers": .sequence([ManifestNode(issuer, at: nowhere)]),
            "samlProviders": .sequence([ManifestNode(provider, at: nowhere)]),
        ])
        var reader = MappingReader(ManifestNode(fields, at: nowhere), faults: FaultList())
        return DatabaseConnection.Identity(reading: &reader)
    }

    private static func evidence(_ issuer: String, _ certificate: String? = nil) -> IdentityEvidence {
        IdentityEvidence(issuer: issuer, tokenIDs: [], issuedAt: 0, expiry: 1, certificate: certificate)
    }

    @Test func `an identity provider is believed by its certificates, while they are listed`() throws {
        let (old, new) = (try Self.certificate(), try Self.certificate())
        let evidence = Self.evidence(Self.entityID, old.fingerprint)
        #expect(Self.identity(trusting: [old.pem]).accepts(evidence))
        #expect(Self.identity(trusting: [new.pem, old.pem]).accepts(evidence))
        #expect(!Self.identity(trusting: [new.pem]).accepts(evidence))
        #expect(!Self.identity(trusting: [old.pem]).accepts(Self.evidence(Self.entityID)))
        #expect(!Self.identity(trusting: [old.pem]).accepts(Self.evidence("https://other", old.fingerprint)))
    }

    @Test func `an issuer of tokens is believed by its name, and stands in for no identity provider`() throws
    {
        let certificate = try Self.certificate()
        let identity = Self.identity(trusting: [certificate.pem])
        #expect(identity.accepts(Self.evidence(Issuing.name)))
        #expect(!identity.accepts(Self.evidence("https://other")))
        #expect(!identity.accepts(Self.evidence(Issuing.name, certificate.fingerprint)))
    }

    @Test func `a sign-in and the grant for it say which certificate signed`() throws {
        let (certificate, key) = (try Self.certificate(), try Ed25519.PrivateKey.generate())
        let signIn = SignIn(
            issuer: Self.entityID, certificate: certificate.fingerprint, assertionID: "_a1", nameID: "ann",
            isTransient: false, attributes: [:], issuedAt: Issuing.now, expiry: Issuing.now + 60,
            sessionEnd: nil, challenge: "")
        let connection = Self.identity(trusting: [certificate.pem])
        let identity = try signIn.identity(by: connection.samlProviders)
        let grant = SessionGrant(identity, connection: "c/m", id: "g", lifetime: 60, at: Issuing.now)
        let read = try SessionGrant(
            verifying: Array(try grant.signed(by: key, id: "k").utf8), for: "c/m",
            keys: GrantKeySet(["k": try key.publicKey]), at: Issuing.now)
        #expect(read == grant && read.evidence.certificate == certificate.fingerprint)
        #expect(connection.accepts(read.evidence))
        #expect(throws: TokenFault.unknownKey) {
            try signIn.identity(by: Self.identity(trusting: [try Self.certificate().pem]).samlProviders)
        }
    }

    @Test func `a name that is too long to be revoked is refused with its prefix`() throws {
        let certificate = try Self.certificate()
        let providers = Self.identity(trusting: [certificate.pem], subjectPrefix: "people:").samlProviders
        let longest = String(repeating: "a", count: 1024 - "people:".utf8.count)
        var signIn = SignIn(
            issuer: Self.entityID, certificate: certificate.fingerprint, assertionID: "_a1", nameID: longest,
            isTransient: false, attributes: [:], issuedAt: Issuing.now, expiry: Issuing.now + 60,
            sessionEnd: nil, challenge: "")
        #expect(try signIn.identity(by: providers).subject.name == "people:" + longest)
        signIn.nameID += "a"
        #expect(throws: TokenFault.malformed("NameID")) { try signIn.identity(by: providers) }
    }
}
