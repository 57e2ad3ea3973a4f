/// The namespaces and names that responses are made of.
enum Names {
    static let protocolNamespace = "urn:oasis:names:tc:SAML:2.0:protocol"
    static let assertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion"
    static let signatureNamespace = "http://www.w3.org/2000/09/xmldsig#"
    static let exclusiveCanonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#"

    static let response = Element.Name(protocolNamespace, "Response")
    static let status = Element.Name(protocolNamespace, "Status")
    static let statusCode = Element.Name(protocolNamespace, "StatusCode")

    static let assertion = saml("Assertion")
    static let issuer = saml("Issuer")
    static let subject = saml("Subject")
    static let nameID = saml("NameID")
    static let subjectConfirmation = saml("SubjectConfirmation")
    static let subjectConfirmationData = saml("SubjectConfirmationData")
    static let conditions = saml("Conditions")
    static let audienceRestriction = saml("AudienceRestriction")
    static let audience = saml("Audience")
    static let oneTimeUse = saml("OneTimeUse")
    static let proxyRestriction = saml("ProxyRestriction")
    static let authnStatement = saml("AuthnStatement")
    static let attributeStatement = saml("AttributeStatement")
    static let attribute = saml("Attribute")
    static let attributeValue = saml("AttributeValue")
    static let encrypted = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "NewEncryptedID"]

    static let signature = dsig("Signature")
    static let signedInfo = dsig("SignedInfo")
    static let signatureValue = dsig("SignatureValue")
    static let keyInfo = dsig("KeyInfo")
    static let canonicalizationMethod = dsig("CanonicalizationMethod")
    static let signatureMethod = dsig("SignatureMethod")
    static let reference = dsig("Reference")
    static let transforms = dsig("Transforms")
    static let transform = dsig("Transform")
    static let digestMethod = dsig("DigestMethod")
    static let digestValue = dsig("DigestValue")
    static let inclusiveNamespaces = Element.Name(exclusiveCanonicalization, "InclusiveNamespaces")

    /// Status of success (core, section 3.2.2.2).
    static let success = "urn:oasis:names:tc:SAML:2.0:status:Success"
    /// How a subject is confirmed (profiles, section 3.3).
    static let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    /// Of an issuer (core, section 8.3.6).
    static let entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    /// A name that is another one each time (core, section 8.3.8).
    static let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    static let postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

    private static func saml(_ name: String) -> Element.Name { .init(assertionNamespace, name) }
    private static func dsig(_ name: String) -> Element.Name { .init(signatureNamespace, name) }
}
