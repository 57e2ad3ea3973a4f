import Cryptography
import Testing

@testable import SAML

/// What is believed, and when: signatures right, everything else varied.
struct ResponseTests {
    private let provider = PlayedProvider.shared

    @Test(arguments: [[Draft.Signed.assertion], [.response], [.assertion, .response]])
    func `a signed response, assertion or both are believed`(signs: [Draft.Signed]) throws {
        let assertion = try provider.judge { $0.signs = Set(signs) }.get()
        #expect(assertion.nameID == "ann" && assertion.id == "_assertion1" && !assertion.isTransient)
        #expect(assertion.attributes == ["groups": ["nurses", "night"]])
        #expect(assertion.issuer == PlayedProvider.entityID)
        #expect(assertion.expiry == PlayedProvider.now + 300)
        #expect(assertion.sessionEnd == PlayedProvider.now + 6 * 3600)
        #expect(assertion.certificate == (try SigningCertificate(pem: provider.certificate).fingerprint))
    }

    @Test func `any of several certificates may have signed, and the assertion says which`() throws {
        let (old, new) = (PlayedProvider.stranger, PlayedProvider.shared)
        for signer in [old, new] {
            let xml = Array(signer.respond().utf8)
            let assertion = try new.verifier([old]).verify(
                xml: xml, answering: PlayedProvider.request, at: PlayedProvider.now)
            #expect(assertion.certificate == (try SigningCertificate(pem: signer.certificate).fingerprint))
        }
    }

    @Test(arguments: ["sha256", "sha384", "sha512"])
    func `RSA and elliptic curves with SHA-2 are believed`(digest: String) throws {
        let curves = [PlayedProvider(curve: "P-256"), PlayedProvider(curve: "P-384")]
        for (provider, kind) in [(provider, "rsa")] + curves.map({ ($0, "ecdsa") }) {
            let result = try provider.judge {
                $0.signatureMethod = "http://www.w3.org/2001/04/xmldsig-more#\(kind)-\(digest)"
                $0.digestMethod =
                    digest == "sha384"
                    ? "http://www.w3.org/2001/04/xmldsig-more#sha384"
                    : "http://www.w3.org/2001/04/xmlenc#\(digest)"
            }
            #expect(result.fault == nil, "\(kind) \(digest)")
        }
    }

    @Test func `white space, escapes and prefix lists change nothing`() throws {
        let assertion = try provider.judge { draft in
            draft.nameID = "<saml:NameID>&lt;ann&gt; &amp; &#98;ob</saml:NameID>"
            draft.transforms = draft.transforms.replacing(
                #"exc-c14n#"/>"#,
                with:
                    #"exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" "#
                    + #"PrefixList="xs"/></ds:Transform>"#)
            draft.attributes = "\n  " + draft.attributes + "\n"
        }.get()
        #expect(assertion.nameID == "<ann> & bob")
    }

    @Test(
        arguments: [
            (-31, .notYetValid), (-30, nil), (0, nil), (329, nil), (330, .expired),
        ] as [(Int64, SAMLFault?)])
    func `clocks may differ by the skew and no more`(offset: Int64, fault: SAMLFault?) throws {
        let now = PlayedProvider.now + offset
        #expect(try provider.judge(at: now) { _ in }.fault == fault)
    }

    private struct Case: CustomStringConvertible, Sendable {
        var description: String
        var fault: SAMLFault
        var change: @Sendable (inout Draft) -> Void

        init(_ description: String, _ fault: SAMLFault, _ change: @escaping @Sendable (inout Draft) -> Void) {
            self.description = description
            self.fault = fault
            self.change = change
        }
    }

    private static let later = "2026-11-29T12:01:00Z"

    private static let cases = [
        Case("of another issuer", .issuer) { $0.issuer = "<saml:Issuer>https://evil.example</saml:Issuer>" },
        Case("of an issuer that ends otherwise", .issuer) {
            $0.issuer = "<saml:Issuer>https://idp.example/metadata </saml:Issuer>"
        },
        Case("of a response's other issuer", .issuer) {
            $0.responseIssuer = "<saml:Issuer>https://evil.example</saml:Issuer>"
        },
        Case("of an issuer that is no entity", .issuer) {
            $0.issuer.replace(
                "<saml:Issuer>",
                with: #"<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">"#)
        },
        Case("without an issuer", .malformed("Issuer is missing")) { $0.issuer = "" },
        Case("with two issuers", .malformed("Issuer is there twice")) { $0.issuer += $0.issuer },
        Case("for another audience", .audience) {
            $0.conditions.replace("weir.example", with: "other.example")
        },
        Case("for a longer audience", .audience) { $0.conditions.replace("/metadata<", with: "/metadata/<") },
        Case("for no audience", .audience) { $0.conditions = "" },
        Case("for an audience and one more restriction", .audience) {
            $0.conditions += $0.conditions.replacing("weir.example", with: "other.example")
        },
        Case("to another recipient", .recipient) {
            $0.confirmationData.replace("weir.example", with: "other.example")
        },
        Case("to no recipient", .recipient) {
            $0.confirmationData.replace(#"Recipient="https://weir.example/v1/saml/acs""#, with: "")
        },
        Case("to another destination", .recipient) {
            $0.destination.replace("weir.example", with: "a.example")
        },
        Case("to no destination, signed", .recipient) {
            $0.signs = [.response]
            $0.destination = ""
        },
        Case("without a request", .unsolicited) { $0.responseInResponseTo = "" },
        Case("to another request", .unsolicited) { $0.responseInResponseTo = #"InResponseTo="_request2""# },
        Case("to another request, confirmed", .unsolicited) {
            $0.confirmationData.replace("_request1", with: "_request2")
        },
        Case("without a request, confirmed", .unsolicited) {
            $0.confirmationData.replace(#"InResponseTo="_request1""#, with: "")
        },
        Case("confirmed until earlier", .expired) {
            $0.confirmationData.replace("12:05:00", with: "11:59:30")
        },
        Case("confirmed without end", .malformed("SubjectConfirmationData has no NotOnOrAfter")) {
            $0.confirmationData.replace(#"NotOnOrAfter="2026-11-29T12:05:00Z""#, with: "")
        },
        Case("confirmed from later on", .notYetValid) {
            $0.confirmationData.replace("NotOnOrAfter", with: #"NotBefore="\#(later)" NotOnOrAfter"#)
        },
        Case("good until earlier", .expired) { $0.conditionTimes.replace("12:10:00", with: "11:59:30") },
        Case("good from later on", .notYetValid) { $0.conditionTimes.replace("11:59:00", with: "12:00:31") },
        Case("issued later", .notYetValid) { $0.issueInstant = later },
        Case("issued long ago", .expired) { $0.issueInstant = "2026-11-29T11:49:30Z" },
        Case("issued at no time", .malformed("IssueInstant")) { $0.issueInstant = "2026-11-29T12:00:00" },
        Case("of a session that is over", .expired) { $0.statement.replace("18:00:00", with: "11:00:00") },
        Case("of a later session", .notYetValid) { $0.statement.replace("08:00:00", with: "12:00:31") },
        Case("without a session", .malformed("no AuthnStatement")) { $0.statement = "" },
        Case("of a holder of a key", .malformed("no bearer confirmation")) {
            $0.method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
        },
        Case("with an unknown condition", .condition("an extension")) {
            $0.conditions += #"<x:Moon xmlns:x="urn:x" phase="full"/>"#
        },
        Case("with two names", .malformed("NameID is there twice")) { $0.nameID += $0.nameID },
        Case("without a name", .malformed("NameID is missing")) { $0.nameID = "" },
        Case("with an empty name", .malformed("NameID")) { $0.nameID = "<saml:NameID/>" },
        Case("with a name in parts", .malformed("NameID")) {
            $0.nameID = "<saml:NameID>admin<saml:x/></saml:NameID>"
        },
        Case("with an attribute twice", .malformed("an Attribute is there twice")) {
            $0.attributes += $0.attributes
        },
        Case("of version 1.1", .malformed("Version")) { $0.version = "1.1" },
        Case("that the provider refused", .status("AuthnFailed")) {
            $0.status =
                #"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">"#
                + #"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/>"#
                + "</samlp:StatusCode></samlp:Status>"
        },
        Case("with two states", .malformed("Status is there twice")) { $0.status += $0.status },
    ]

    @Test(arguments: cases.indices)
    func `what is not for here, for this request, and now is refused`(index: Int) throws {
        let it = Self.cases[index]
        #expect(try provider.judge(it.change).fault == it.fault, "an assertion \(it)")
        let whole = try provider.judge {
            it.change(&$0)
            $0.signs = [.response]
        }
        #expect(whole.fault == it.fault, "a response with an assertion \(it)")
    }

    @Test func `a condition that restricts nobody here is known`() throws {
        let result = try provider.judge { $0.conditions += "<saml:OneTimeUse/><saml:ProxyRestriction/>" }
        #expect(result.fault == nil)
    }

    @Test func `an attribute that is no text has no values, and others keep theirs`() throws {
        let assertion = try provider.judge {
            $0.attributes.replace(
                "</saml:AttributeStatement>",
                with: #"<saml:Attribute Name="id"><saml:AttributeValue><saml:NameID>x</saml:NameID>"#
                    + "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>")
        }.get()
        #expect(assertion.attributes == ["groups": ["nurses", "night"], "id": nil])
    }

    @Test func `a refusal without an assertion tells its status`() throws {
        let result = try provider.judge(
            #"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:Status>"#
                + #"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>"#
                + "</samlp:Status></samlp:Response>")
        #expect(result.fault == .status("Responder"))
    }

    @Test func `the form's field is Base64, with line breaks`() throws {
        let text = Base64Lines.encode(Array(provider.respond().utf8))
        let assertion = try provider.verifier().verify(
            text, answering: PlayedProvider.request, at: PlayedProvider.now)
        #expect(assertion.nameID == "ann")
        #expect(throws: SAMLFault.malformed("no Base64")) {
            try provider.verifier().verify("@", answering: "", at: PlayedProvider.now)
        }
    }

    @Test(arguments: [
        (PlayedProvider(bits: 1024).certificate, SAMLFault.certificate("its key has 1024 bits")),
        ("", .certificate("it is not one alone")),
        (
            PlayedProvider.shared.certificate + PlayedProvider.stranger.certificate,
            .certificate("it is not one alone")
        ),
        (PlayedProvider.shared.key, .certificate("it is none")),
        (
            "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
            .certificate("it is none")
        ),
    ])
    func `a certificate is one, and its key long enough`(pem: String, fault: SAMLFault) {
        #expect(throws: fault) { try SigningCertificate(pem: pem) }
    }
}

private enum Base64Lines {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Array(Base64.encode(bytes))
        return stride(from: 0, to: text.count, by: 64)
            .map { String(text[$0..<min($0 + 64, text.count)]) + "\r\n" }.joined()
    }
}
