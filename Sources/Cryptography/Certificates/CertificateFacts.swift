import COpenSSL

/// What a certificate says of itself.
package struct CertificateFacts: Sendable, Equatable {
    /// In seconds since 1970.
    package let validity: CertificateAuthority.Validity
    package let isAuthority: Bool
    /// SHA-256 of the certificate.
    package let fingerprint: [UInt8]

    /// - Parameter pem: of which the first certificate counts.
    /// - Throws: ``CryptographyError/malformed(_:)``.
    package init(pem: [UInt8]) throws(CryptographyError) {
        guard let certificate = unsafe PEM.readCertificate(pem) else {
            throw .malformed("no certificate in PEM")
        }
        defer { unsafe X509_free(certificate) }
        guard let start = unsafe Self.seconds(X509_get0_notBefore(certificate)),
            let end = unsafe Self.seconds(X509_get0_notAfter(certificate)), start <= end
        else { throw .malformed("a certificate without times") }
        validity = start...end
        isAuthority = unsafe X509_check_ca(certificate) == 1
        var digest = [UInt8](repeating: 0, count: SHA256.digestLength)
        var count = UInt32(digest.count)
        guard unsafe X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else {
            throw .last(in: "X509_digest")
        }
        fingerprint = digest
    }

    /// Since 1970.
    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
        defer { unsafe ASN1_TIME_free(epoch) }
        var (days, seconds): (Int32, Int32) = (0, 0)
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}

extension CertificateAuthority {
    /// Whether the authority's key signed the certificate.
    package static func isIssuer(_ authority: [UInt8], of certificate: [UInt8]) -> Bool {
        guard let issuer = unsafe PEM.readCertificate(authority) else { return false }
        defer { unsafe X509_free(issuer) }
        guard let subject = unsafe PEM.readCertificate(certificate) else { return false }
        defer {
            unsafe X509_free(subject)
            ERR_clear_error()
        }
        return unsafe X509_verify(subject, X509_get0_pubkey(issuer)) == 1
    }
}
