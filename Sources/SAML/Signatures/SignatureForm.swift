/// The one form of signature that is taken: enveloped by the element that it signs as a whole, and without anything that could make
/// its verification look at something else (SAML core, section 5.4).
enum SignatureForm {
    private static let digests: Set = [
        "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    ]
    private static let signatures: Set = Set(
        ["rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"].map {
            "http://www.w3.org/2001/04/xmldsig-more#\($0)"
        })
    private static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    private static let algorithm = "Algorithm"
    /// Of an identifier, in bytes. Ours.
    static let maximumIDLength = 256

    /// - Parameters:
    ///   - signature: the element `Signature`.
    ///   - parent: the element that holds it.
    /// - Throws: ``SAMLFault/signatureForm(_:)``, ``SAMLFault/algorithm(_:)`` and ``SAMLFault/malformed(_:)``.
    static func check(_ signature: Element, in parent: Element) throws(SAMLFault) {
        try expect(signature, [Names.signedInfo, Names.signatureValue], optionally: Names.keyInfo)
        let info = signature.children[0]
        try expect(info, [Names.canonicalizationMethod, Names.signatureMethod, Names.reference])
        let (canonicalization, method, reference) = (info.children[0], info.children[1], info.children[2])
        try checkCanonicalization(canonicalization)
        guard let name = method.attributes[algorithm], signatures.contains(name), method.children.isEmpty
        else { throw .algorithm(known(method)) }
        let id = try identifier(of: parent)
        guard reference.attributes["URI"] == "#" + id else {
            throw .signatureForm("it is not over the element that holds it")
        }
        try expect(reference, [Names.transforms, Names.digestMethod, Names.digestValue])
        let (transforms, digest) = (reference.children[0], reference.children[1])
        try expect(transforms, [Names.transform, Names.transform])
        guard transforms.children[0].attributes[algorithm] == enveloped,
            transforms.children[0].children.isEmpty
        else { throw .signatureForm("the first transform is not enveloped-signature") }
        try checkCanonicalization(transforms.children[1])
        guard let name = digest.attributes[algorithm], digests.contains(name), digest.children.isEmpty else {
            throw .algorithm(known(digest))
        }
    }

    /// An `ID` that stands in a reference as it is.
    static func identifier(of element: Element) throws(SAMLFault) -> String {
        let id = try element.attribute("ID")
        let isName = id.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
        }
        guard isName, (1...maximumIDLength).contains(id.utf8.count) else { throw .malformed("ID") }
        return id
    }

    private static func checkCanonicalization(_ element: Element) throws(SAMLFault) {
        guard element.attributes[algorithm] == Names.exclusiveCanonicalization else {
            throw .algorithm(known(element))
        }
        guard element.children.allSatisfy({ $0.name == Names.inclusiveNamespaces && $0.children.isEmpty }),
            element.children.count <= 1
        else { throw .signatureForm("canonicalization has parameters") }
    }

    /// The children are these, in this order.
    private static func expect(
        _ element: Element, _ names: [Element.Name], optionally last: Element.Name? = nil
    ) throws(SAMLFault) {
        let found = element.children.map(\.name)
        guard found == names || last.map({ found == names + [$0] }) ?? false else {
            throw .signatureForm("\(element.name.local) holds something else than it may")
        }
    }

    /// The algorithm's name where the standards give it, for people.
    private static func known(_ element: Element) -> String {
        let name = element.attributes[algorithm] ?? ""
        let isPlain = name.utf8.count <= 128 && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain && name.hasPrefix("http://www.w3.org/") ? name : "an algorithm of another kind"
    }
}
