import Cryptography
import Foundation
import Testing

struct CertificateTests {
    private static let now = Int64(Date().timeIntervalSince1970)
    private static let day = now - 300...now + 86_400

    private func authority(_ validity: CertificateAuthority.Validity = day) throws -> CertificateAuthority {
        try CertificateAuthority.make(commonName: "test authority", validity: validity)
    }

    @Test func `a leaf serves the names it was issued for, to whoever trusts the authority`() throws {
        let authority = try authority()
        let leaf = try authority.issue(names: ["weir-operator.weir-system.svc", "other"], validity: Self.day)
        for (name, isServed) in [("weir-operator.weir-system.svc", true), ("other", true), ("third", false)] {
            let loopback = try TLSLoopback(
                client: .client(
                    verification: .full(serverName: name),
                    certificateAuthoritiesPEM: authority.identity.certificateChainPEM),
                server: .server(identity: leaf))
            try? loopback.run()
            #expect((loopback.client.state == .open) == isServed, "\(name)")
        }
    }

    @Test func `another authority of the same name is not trusted`() throws {
        let leaf = try authority().issue(names: ["a"], validity: Self.day)
        let loopback = try TLSLoopback(
            client: .client(
                verification: .full(serverName: "a"),
                certificateAuthoritiesPEM: try authority().identity.certificateChainPEM),
            server: .server(identity: leaf))
        try? loopback.run()
        #expect(loopback.client.state != .open)
    }

    @Test func `what a certificate says of itself is read back`() throws {
        let authority = try authority()
        let facts = try CertificateFacts(pem: authority.identity.certificateChainPEM)
        #expect(facts.validity == Self.day && facts.isAuthority)
        let leaf = try authority.issue(names: ["a"], validity: Self.day)
        let leafFacts = try CertificateFacts(pem: leaf.certificateChainPEM)
        #expect(leafFacts.validity == Self.day && !leafFacts.isAuthority)
        #expect(leafFacts.fingerprint != facts.fingerprint)
        #expect(
            CertificateAuthority.isIssuer(
                authority.identity.certificateChainPEM, of: leaf.certificateChainPEM))
        #expect(
            !CertificateAuthority.isIssuer(
                leaf.certificateChainPEM, of: authority.identity.certificateChainPEM))
    }

    @Test func `times from 1950 to 9999 are kept`() throws {
        for validity in [-600_000_000...0, 4_000_000_000...250_000_000_000] as [ClosedRange<Int64>] {
            let facts = try CertificateFacts(pem: authority(validity).identity.certificateChainPEM)
            #expect(facts.validity == validity)
        }
    }

    @Test func `no leaf outlives its authority`() throws {
        let leaf = try authority().issue(names: ["a"], validity: Self.now...Self.now + 10_000_000)
        let facts = try CertificateFacts(pem: leaf.certificateChainPEM)
        #expect(facts.validity.upperBound == Self.day.upperBound)
        let old = try authority(Self.now - 600...Self.now - 400)
        #expect(throws: CryptographyError.self) { try old.issue(names: ["a"], validity: Self.day) }
    }

    @Test(arguments: [[], [""], ["a,DNS:b"], ["A"], ["a b"], ["*.example"]] as [[String]])
    func `a name that is more than a name is refused`(names: [String]) throws {
        let authority = try authority()
        #expect(throws: CryptographyError.malformed("names of a server's certificate")) {
            try authority.issue(names: names, validity: Self.day)
        }
    }

    @Test func `what is no authority issues nothing`() throws {
        let (one, two) = (try authority().identity, try authority().identity)
        let mixed = TLSContext.Identity(
            certificateChainPEM: one.certificateChainPEM, privateKeyPEM: two.privateKeyPEM)
        for identity in [mixed, TLSContext.Identity(certificateChainPEM: [], privateKeyPEM: [])] {
            #expect(throws: CryptographyError.self) {
                try CertificateAuthority(identity).issue(names: ["a"], validity: Self.day)
            }
        }
        #expect(throws: CryptographyError.self) { try CertificateFacts(pem: Array("x".utf8)) }
    }
}
