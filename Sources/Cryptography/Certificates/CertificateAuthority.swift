import COpenSSL

/// Issues X.509 certificates (RFC 5280) for servers: keys of P-256, signatures of ECDSA with SHA-256.
package struct CertificateAuthority: Sendable {
    /// Its own certificate, and its key.
    package let identity: TLSContext.Identity

    /// When certificates are good, in seconds since 1970, both ends included.
    package typealias Validity = ClosedRange<Int64>

    /// An authority that exists already.
    package init(_ identity: TLSContext.Identity) {
        self.identity = identity
    }

    /// A new authority, whose leaves can sign nothing.
    package static func make(
        commonName: String, validity: Validity
    ) throws(CryptographyError) -> CertificateAuthority {
        let certificate = try CertificateDraft(commonName: commonName, validity: validity)
        try certificate.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: nil)
        try certificate.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: nil)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: nil)
        return CertificateAuthority(try certificate.signed(by: nil))
    }

    /// A certificate for a server of these DNS names, with a new key.
    ///
    /// - Parameters:
    ///   - names: at least one; the first is also the subject.
    ///   - validity: cut off where the authority's own ends.
    /// - Returns: the certificate alone, for the authority is known to whoever trusts it.
    /// - Throws: ``CryptographyError/malformed(_:)`` for names that are none, and for an authority that is none.
    package func issue(
        names: [String], validity: Validity
    ) throws(CryptographyError) -> TLSContext.Identity {
        guard let first = names.first, names.allSatisfy(Self.isHostName) else {
            throw .malformed("names of a server's certificate")
        }
        let own = try CertificateFacts(pem: identity.certificateChainPEM)
        let end = min(validity.upperBound, own.validity.upperBound)
        guard end > validity.lowerBound else { throw .malformed("the authority's certificate has expired") }
        let certificate = try CertificateDraft(commonName: first, validity: validity.lowerBound...end)
        let issuer = try CertificateSigner(identity)
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
        try certificate.add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: issuer)
        try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: issuer)
        let list = names.map { "DNS:\($0)" }.joined(separator: ",")
        try certificate.add(NID_subject_alt_name, list, issuer: issuer)
        return try certificate.signed(by: issuer)
    }

    /// Nothing that the notation of extensions would take for more than a name.
    private static func isHostName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
    }
}
