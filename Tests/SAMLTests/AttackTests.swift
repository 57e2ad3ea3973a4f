import Testing

@testable import SAML

/// What has been done to service providers: each is refused, and for its reason.
struct AttackTests {
    private let provider = PlayedProvider.shared

    // MARK: - The form of signatures

    @Test func `nothing is believed unsigned`() throws {
        #expect(try provider.judge { $0.signs = [] }.fault == .unsigned)
    }

    @Test(arguments: [Draft.Signed.assertion, .response])
    func `a signature by another key is wrong, whatever its KeyInfo brings`(signed: Draft.Signed) throws {
        let stranger = PlayedProvider.stranger
        let body = stranger.certificate.split(separator: "\n").dropFirst().dropLast().joined()
        let xml = stranger.respond {
            $0.signs = [signed]
            $0.keyInfo =
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>\(body)</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        }
        #expect(try provider.judge(xml).fault == .signature)
        #expect(try stranger.judge(xml).fault == nil)
    }

    @Test func `SHA-1 is refused, in signature and digest`() throws {
        let sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        #expect(try provider.judge { $0.signatureMethod = sha1 }.fault == .algorithm(sha1))
        let digest = "http://www.w3.org/2000/09/xmldsig#sha1"
        #expect(try provider.judge { $0.digestMethod = digest }.fault == .algorithm(digest))
    }

    @Test func `a MAC with the certificate as its secret is refused`() throws {
        let mac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        let result = try provider.judge {
            $0.signatureMethod = mac
            $0.secret = provider.certificate
        }
        #expect(result.fault == .algorithm(mac))
    }

    @Test(arguments: [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    ])
    func `other canonicalizations are refused`(name: String) throws {
        let method = try provider.judge {
            $0.canonicalization.replace("http://www.w3.org/2001/10/xml-exc-c14n#", with: name)
        }
        #expect(method.fault == .algorithm(name))
        let transform = try provider.judge {
            $0.transforms.replace("http://www.w3.org/2001/10/xml-exc-c14n#", with: name)
        }
        #expect(transform.fault == .algorithm(name))
    }

    @Test(arguments: [
        #"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>"#,
        #"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#,
    ])
    func `no transform is added`(transform: String) throws {
        let held = SAMLFault.signatureForm("Transforms holds something else than it may")
        #expect(try provider.judge { $0.transforms = transform + $0.transforms }.fault == held)
        #expect(
            try provider.judge { $0.transforms = String($0.transforms.split(separator: "/>")[0]) + "/>" }
                .fault
                == held)
    }

    @Test(arguments: ["", "#xpointer(/)", "#xpointer(id('_assertion1'))", "#_response1", "#"])
    func `a reference leads to the element that holds the signature, by its ID`(uri: String) throws {
        let result = try provider.judge(
            provider.respond().replacing("URI=\"#_assertion1\"", with: "URI=\"\(uri)\""))
        #expect(result.fault == .signatureForm("it is not over the element that holds it"))
    }

    @Test func `there is one reference, and nothing beside it`() throws {
        let more = try provider.judge { draft in
            let signature = draft.signature(of: "_response1")
            draft.moreReferences = Parts.between("<ds:Reference", "</ds:Reference>", in: signature)
        }
        #expect(more.fault == .signatureForm("SignedInfo holds something else than it may"))
        let object = try provider.judge { $0.keyInfo = "<ds:Object/>" }
        #expect(object.fault == .signatureForm("Signature holds something else than it may"))
    }

    @Test func `what was changed after signing does not verify`() throws {
        let xml = provider.respond()
        for (old, new) in [
            (">ann<", ">eve<"), (">nurses<", ">admins<"), ("12:05:00", "12:06:00"), ("_assertion1", "_b"),
        ] {
            #expect(try provider.judge(xml.replacing(old, with: new)).fault != nil, "\(old)")
        }
        // Outside of what the assertion's signature holds, only what restricts is looked at.
        #expect(try provider.judge(xml.replacing("_response1", with: "_r")).fault == nil)
    }

    @Test func `both signatures count where there are two`() throws {
        let xml = provider.respond { $0.signs = [.assertion, .response] }
        let stranger = PlayedProvider.stranger.respond { $0.signs = [.assertion] }
        let mixed = provider.sign(
            stranger.replacing(
                "<samlp:Status>", with: Draft().signature(of: "_response1") + "<samlp:Status>"), "_response1")
        #expect(try provider.judge(xml).fault == nil)
        #expect(try provider.judge(mixed).fault == .signature)
    }

    // MARK: - Wrapping (Somorovsky et al., "On Breaking SAML", 2012)

    /// The parts of a response of which one element is signed.
    private struct Parts {
        var whole: String
        /// The signed assertion, with and without its signature, and the signature.
        var assertion: String
        var bare: String
        var signature: String
        /// Another's.
        var evil: String

        init(_ whole: String) {
            self.whole = whole
            assertion = Self.element("saml:Assertion", in: whole)
            signature = Self.element("ds:Signature", in: whole)
            bare = assertion.replacing(signature, with: "")
            evil = bare.replacing(">ann<", with: ">admin<")
        }

        static func element(_ name: String, in text: String) -> String {
            between("<\(name)", "</\(name)>", in: text)
        }

        /// From the first of the one to the first of the other, with both.
        static func between(_ start: String, _ end: String, in text: String) -> String {
            guard let start = text.firstRange(of: start), let end = text.firstRange(of: end) else {
                return ""
            }
            return String(text[start.lowerBound..<end.upperBound])
        }

        func replacing(assertion new: String) -> String { whole.replacing(assertion, with: new) }

        static func inside(_ outer: String, _ inner: String, before end: String) -> String {
            outer.replacing(end, with: inner + end)
        }

        static func named(_ element: String, _ id: String) -> String {
            element.replacing("_assertion1", with: id)
        }
    }

    @Test func `wrapped responses are refused`() throws {
        let signed = provider.respond { $0.signs = [.response] }
        let signature = Parts.element("ds:Signature", in: signed)
        let original =
            signed.replacing(signature, with: "").split(separator: "\n").last.map(String.init) ?? ""
        let evil = original.replacing(">ann<", with: ">admin<").replacing("_response1", with: "_evil")
            .replacing("_assertion1", with: "_evil2")
        let object = signature.replacing(
            "</ds:Signature>", with: "<ds:Object>\(original)</ds:Object></ds:Signature>")
        // 1: the original within the signature of the other. 2: the original beside the signature.
        for inner in [
            signature.replacing("</ds:Signature>", with: original + "</ds:Signature>"), object,
            signature + original, original + signature,
        ] {
            for holder in [evil, evil.replacing("_evil\"", with: "_response1\"")] {
                let wrapped = holder.replacing("<samlp:Status>", with: inner + "<samlp:Status>")
                #expect(try provider.judge(wrapped).fault != nil)
            }
        }
    }

    @Test func `wrapped assertions are refused`() throws {
        let parts = Parts(provider.respond())
        for id in ["_evil", "_assertion1"] {
            let evil = Parts.named(parts.evil, id)
            let attacks = [
                // 3: beside the original.
                evil + parts.assertion, parts.assertion + evil,
                // 4: around the original.
                Parts.inside(evil, parts.assertion, before: "</saml:Assertion>"),
                // 5: with its signature, the original beside it without.
                Parts.inside(evil, parts.signature, before: "<saml:Subject>") + parts.bare,
                parts.bare + Parts.inside(evil, parts.signature, before: "<saml:Subject>"),
                // 6: with its signature, and the original in that.
                Parts.inside(
                    evil, Parts.inside(parts.signature, parts.bare, before: "</ds:Signature>"),
                    before: "<saml:Subject>"),
                // 7: in an element for extensions.
                "<samlp:Extensions>\(evil)</samlp:Extensions>" + parts.assertion,
                "<samlp:Extensions>\(parts.assertion)</samlp:Extensions>" + evil,
                // 8: the original in an object of the signature.
                Parts.inside(
                    evil,
                    Parts.inside(
                        parts.signature, "<ds:Object>\(parts.bare)</ds:Object>", before: "</ds:Signature>"),
                    before: "<saml:Subject>"),
                // The original as advice.
                Parts.inside(
                    evil, "<saml:Advice>\(parts.assertion)</saml:Advice>", before: "<saml:AuthnStatement"),
                // Its signature alone.
                Parts.inside(evil, parts.signature, before: "<saml:Subject>"),
            ]
            for (number, attack) in attacks.enumerated() {
                let result = try provider.judge(parts.replacing(assertion: attack))
                #expect(result.fault != nil, "\(number) with \(id)")
            }
        }
    }

    @Test func `two assertions are one too many, both signed`() throws {
        let parts = Parts(provider.respond())
        let other = Parts(provider.respond { $0.assertionID = "_assertion2" }).assertion
        let result = try provider.judge(parts.replacing(assertion: parts.assertion + other))
        #expect(result.fault == .malformed("several Assertions"))
    }

    @Test func `an attribute statement beside the signed assertion says nothing`() throws {
        let parts = Parts(provider.respond())
        let admins = Parts.element("saml:AttributeStatement", in: parts.bare).replacing(
            "nurses", with: "admins")
        let assertion = try provider.judge(parts.replacing(assertion: admins + parts.assertion)).get()
        #expect(assertion.attributes == ["groups": ["nurses", "night"]])
        let within = Parts.inside(parts.assertion, admins, before: "</saml:Assertion>")
        #expect(try provider.judge(parts.replacing(assertion: within)).fault == .signature)
    }

    @Test func `an ID is there once, however it is spelled`() throws {
        let parts = Parts(provider.respond())
        for name in ["ID", "Id", "id"] {
            let twin = #"<samlp:Extensions><a \#(name)="_assertion1"/></samlp:Extensions>"#
            let result = try provider.judge(parts.replacing(assertion: twin + parts.assertion))
            #expect(result.fault == .malformed("an ID is there twice"))
        }
        let own = #"<samlp:Extensions><a xml:id="_assertion1"/></samlp:Extensions>"#
        #expect(
            try provider.judge(parts.replacing(assertion: own + parts.assertion)).fault
                == .forbidden("an xml:id"))
    }

    // MARK: - XML

    private static let markup = SAMLFault.forbidden("a document type, comment or character data section")

    @Test(arguments: [">ad<!---->min<", ">admin<!-- -->.evil.example<", "><![CDATA[admin]]><"])
    func `a name is one text, without comments and sections`(name: String) throws {
        // Canonical XML leaves comments out: these are signed as a name without them.
        let xml = provider.respond { $0.nameID.replace(">ann<", with: ">admin<") }
        #expect(try provider.judge(xml.replacing(">admin<", with: name)).fault == Self.markup)
    }

    @Test func `processing instructions are refused`() throws {
        let xml = provider.respond()
        #expect(
            try provider.judge(xml.replacing(">ann<", with: ">a<?x?>nn<")).fault
                == .forbidden("a processing instruction"))
        #expect(
            try provider.judge(xml.replacing("<samlp:Response", with: "<?x?><samlp:Response")).fault
                == .forbidden("a processing instruction"))
    }

    @Test(arguments: [
        #"<!DOCTYPE samlp:Response [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
        #"<!DOCTYPE samlp:Response SYSTEM "http://127.0.0.1:1/evil.dtd">"#,
        #"<!DOCTYPE samlp:Response [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]>"#,
        #"<!DOCTYPE samlp:Response [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>"#,
        #"<!DOCTYPE samlp:Response [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>"#,
    ])
    func `document types and entities are refused before anything is read`(declaration: String) throws {
        let xml = provider.respond().replacing("<samlp:Response", with: declaration + "<samlp:Response")
        #expect(try provider.judge(xml).fault == Self.markup)
        #expect(try provider.judge(xml.replacing(">ann<", with: ">&x;<")).fault == Self.markup)
    }

    @Test func `an entity that nobody declared is no XML`() throws {
        let xml = provider.respond().replacing(">ann<", with: ">&x;<")
        #expect(try provider.judge(xml).fault == .malformed("no XML"))
    }

    @Test func `other encodings than UTF-8 are refused`() throws {
        let verifier = try provider.verifier()
        let text = provider.respond()
        let wide: [UInt8] = text.utf16.reduce(into: [0xFF, 0xFE]) {
            $0 += [UInt8($1 & 0xFF), UInt8($1 >> 8)]
        }
        for (bytes, what) in [
            (wide, "no UTF-8"), (Array(wide.dropFirst(2)), "no XML"), (Array(text.utf8) + [0xFF], "no UTF-8"),
        ] {
            #expect(throws: SAMLFault.malformed(what)) {
                try verifier.verify(xml: bytes, answering: PlayedProvider.request, at: PlayedProvider.now)
            }
        }
        // What the declaration says is not believed: in UTF-7 this would be a document type.
        let seven = text.replacing(#"version="1.0""#, with: #"version="1.0" encoding="UTF-7""#)
            .replacing("<samlp:Response", with: "+ADw-!DOCTYPE x+AD4-<samlp:Response")
        #expect(try provider.judge(seven).fault == .malformed("no XML"))
    }

    @Test(arguments: ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute"])
    func `what is encrypted is refused as such`(name: String) throws {
        let xml = provider.respond { $0.attributes += "<saml:\(name)/>" }
        #expect(try provider.judge(xml).fault == .encrypted)
    }

    // MARK: - Limits, from both sides

    @Test func `sizes are limited`() throws {
        let xml = provider.respond()
        let room = XMLDocument.Limit.length - xml.utf8.count
        let padded = xml.replacing(
            "<samlp:Status>", with: String(repeating: " ", count: room) + "<samlp:Status>")
        #expect(try provider.judge(padded).fault == nil)
        #expect(try provider.judge(padded + " ").fault == .tooLarge("bytes"))
    }

    @Test func `depth and number of elements are limited`() throws {
        // The reader's own root and the extensions' element count, too.
        func extended(_ inner: String) throws -> SAMLFault? {
            let xml = provider.respond().replacing(
                "<samlp:Status>", with: "<samlp:Extensions>\(inner)</samlp:Extensions><samlp:Status>")
            return try provider.judge(xml).fault
        }
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(try extended(nested(XMLDocument.Limit.depth - 2)) == nil)
        #expect(try extended(nested(XMLDocument.Limit.depth - 1)) == .tooLarge("levels"))
        #expect(try extended(nested(20_000)) != nil)
        #expect(try extended(String(repeating: "<a/>", count: 4000)) == nil)
        #expect(try extended(String(repeating: "<a/>", count: 4100)) == .tooLarge("elements"))
        func attributes(_ count: Int) -> String {
            "<a \((0..<count).map { "a\($0)=''" }.joined(separator: " "))/>"
        }
        #expect(try extended(attributes(XMLDocument.Limit.attributes)) == nil)
        #expect(try extended(attributes(XMLDocument.Limit.attributes + 1)) == .tooLarge("attributes"))
        func namespaces(_ count: Int) -> String {
            "<a \((0..<count).map { "xmlns:a\($0)='urn:a'" }.joined(separator: " "))/>"
        }
        #expect(try extended(namespaces(XMLDocument.Limit.namespaceDeclarations)) == nil)
        #expect(
            try extended(namespaces(XMLDocument.Limit.namespaceDeclarations + 1)) == .tooLarge("namespaces"))
        let long = "urn:" + String(repeating: "a", count: XMLDocument.Limit.namespaceLength - 4)
        #expect(try extended("<a xmlns:a='\(long)'/>") == nil)
        #expect(try extended("<a xmlns:a='\(long)a'/>") == .tooLarge("namespaces"))
    }
}
