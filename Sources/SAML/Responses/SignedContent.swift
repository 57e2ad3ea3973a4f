/// What of a response was signed, read from the very bytes whose digest the signature holds, and nowhere else: wherever a wrapped or
/// moved element stands in the document, it is not in these bytes.
struct SignedContent {
    /// The response; where it is not signed itself it can only restrict what the assertion says.
    let response: Element
    let isResponseSigned: Bool
    /// Always signed, or within a signed response.
    let assertion: Element
    /// By whose key.
    let certificate: SigningCertificate

    /// - Throws: ``SAMLFault`` unless there is exactly one assertion, where it must be, under signatures of the form allowed which are
    ///   all right.
    init(verifying document: XMLDocument, by certificates: [SigningCertificate]) throws(SAMLFault) {
        let root = document.root
        let place = try Self.placeOfAssertion(in: root)
        let assertion = root.children[place]
        let ofResponse = root.children.firstIndex { $0.name == Names.signature }
        let ofAssertion = assertion.children.firstIndex { $0.name == Names.signature }
        // None twice, and none anywhere else.
        guard root.count(of: Names.signature) == (ofResponse == nil ? 0 : 1) + (ofAssertion == nil ? 0 : 1)
        else { throw .signatureForm("there is a signature that has no place") }
        try Self.checkIdentifiers(in: root)

        var signedResponse: (Element, SigningCertificate)?
        if let ofResponse {
            signedResponse = try Self.verified(document, [ofResponse], in: root, certificates)
        }
        var signedAssertion: (Element, SigningCertificate)?
        if let ofAssertion {
            signedAssertion = try Self.verified(document, [place, ofAssertion], in: assertion, certificates)
        }
        response = signedResponse?.0 ?? root
        isResponseSigned = signedResponse != nil
        if let (assertion, certificate) = signedAssertion {
            self.assertion = assertion
            self.certificate = certificate
        } else if let (response, certificate) = signedResponse {
            self.assertion = response.children[try Self.placeOfAssertion(in: response)]
            self.certificate = certificate
        } else {
            throw .unsigned
        }
    }

    /// Of the only assertion, which is a child of the response.
    private static func placeOfAssertion(in root: Element) throws(SAMLFault) -> Int {
        guard root.name == Names.response else { throw .malformed("no Response") }
        guard !root.everything.contains(where: { Names.encrypted.contains($0.name.local) }) else {
            throw .encrypted
        }
        guard root.count(of: Names.response) == 1 else { throw .malformed("a Response within another") }
        guard let place = root.children.firstIndex(where: { $0.name == Names.assertion }) else {
            throw .malformed("no Assertion")
        }
        guard root.count(of: Names.assertion) == 1 else { throw .malformed("several Assertions") }
        return place
    }

    /// No two elements have an identifier in common, however it is spelled.
    private static func checkIdentifiers(in root: Element) throws(SAMLFault) {
        var seen: Set<String> = []
        for element in root.everything {
            for (name, value) in element.attributes where name.lowercased() == "id" {
                guard seen.insert(value).inserted else { throw .malformed("an ID is there twice") }
            }
        }
    }

    /// The element as it was signed.
    private static func verified(
        _ document: XMLDocument, _ path: [Int], in parent: Element, _ certificates: [SigningCertificate]
    ) throws(SAMLFault) -> (Element, SigningCertificate) {
        guard let place = path.last else { throw .signature }
        try SignatureForm.check(parent.children[place], in: parent)
        for certificate in certificates {
            guard let bytes = document.verify(path, by: certificate) else { continue }
            let element = try XMLDocument(parsing: bytes, limit: XMLDocument.Limit.canonicalLength).root
            guard element.name == parent.name, element.attributes["ID"] == parent.attributes["ID"] else {
                throw .signature
            }
            return (element, certificate)
        }
        throw .signature
    }
}
