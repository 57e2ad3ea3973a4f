import Cryptography

/// What an identity provider asserts of a subject (SAML core, section 2), once all of it holds.
package struct VerifiedAssertion: Sendable, Equatable {
    package var id: String
    /// The identity provider's entityID.
    package var issuer: String
    /// SHA-256 of the certificate whose key signed, hexadecimal.
    package var certificate: String
    package var nameID: String
    /// The name is another one each time.
    package var isTransient: Bool
    /// Values by the attribute's name; `nil` for an attribute with a value that is no text.
    package var attributes: [String: [String]?]
    /// Seconds since 1970, as the others.
    package var issuedAt: Int64
    /// When it must not be used any more, without the skew of clocks.
    package var expiry: Int64
    /// When the identity provider's session with the subject ends; `nil` where it does not say.
    package var sessionEnd: Int64?
}

/// Judges responses of one identity provider to one request (SAML profiles, section 4.1.4).
package struct ResponseVerifier: Sendable {
    private let issuer: String
    private let certificates: [SigningCertificate]
    /// By which clocks may differ, in seconds.
    private let skew: Int64
    private let serviceProvider: ServiceProvider

    /// - Parameters:
    ///   - issuer: the identity provider's entityID, to the letter.
    ///   - certificates: PEM; any of them may have signed.
    ///   - clockSkew: in seconds.
    ///   - serviceProvider: whom the responses must be for.
    /// - Throws: ``SAMLFault/certificate(_:)``.
    package init(
        issuer: String, certificates: [String], clockSkew: Int64, for serviceProvider: ServiceProvider
    ) throws(SAMLFault) {
        self.issuer = issuer
        var usable: [SigningCertificate] = []
        for pem in certificates { usable.append(try SigningCertificate(pem: pem)) }
        self.certificates = usable
        skew = clockSkew
        self.serviceProvider = serviceProvider
    }

    /// - Parameters:
    ///   - response: the field `SAMLResponse` of the form, which is Base64 (bindings, section 3.5.4).
    ///   - request: the identifier of the request that this browser was sent with.
    ///   - now: seconds since 1970.
    /// - Returns: what is asserted.
    /// - Throws: ``SAMLFault`` unless all of it holds.
    package func verify(
        _ response: String, answering request: String, at now: Int64
    ) throws(SAMLFault) -> VerifiedAssertion {
        // White space is Base64's line breaks.
        let text = response.utf8.filter { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        guard text.count <= XMLDocument.Limit.length / 3 * 4 + 4 else { throw .tooLarge("bytes") }
        guard let xml = Base64.decode(bytes: text) else { throw .malformed("no Base64") }
        return try verify(xml: xml, answering: request, at: now)
    }

    package func verify(
        xml: [UInt8], answering request: String, at now: Int64
    ) throws(SAMLFault) -> VerifiedAssertion {
        let document = try XMLDocument(parsing: xml)
        // Without an assertion it is refused either way; its status tells people why there is none.
        if document.root.name == Names.response, document.root.all(Names.assertion).isEmpty {
            try ResponseCheck.status(of: document.root)
        }
        let content = try SignedContent(verifying: document, by: certificates)
        let check = ResponseCheck(
            issuer: issuer, serviceProvider: serviceProvider, request: request, now: now, skew: skew)
        try check.response(content.response, isSigned: content.isResponseSigned)
        return try check.assertion(content.assertion, certificate: content.certificate.fingerprint)
    }
}
