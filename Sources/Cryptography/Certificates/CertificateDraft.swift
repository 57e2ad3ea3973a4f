import COpenSSL

/// A certificate that is not signed yet, with its new key.
@safe
struct CertificateDraft: ~Copyable {
    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// In bytes; RFC 5280, section 4.1.2.2, allows 20.
    private static let serialLength = 16
    /// Longest common name, in bytes, that X.520 allows.
    private static let maximumNameLength = 64

    init(commonName: String, validity: CertificateAuthority.Validity) throws(CryptographyError) {
        var serial = try RandomBytes.generate(Self.serialLength)
        // Positive, and of the same length for all.
        serial[0] = serial[0] & 0x3F | 0x40
        guard let key = unsafe weir_EVP_generate_P256() else { throw .last(in: "EVP_EC_gen") }
        guard let certificate = unsafe X509_new() else {
            unsafe EVP_PKEY_free(key)
            throw .last(in: "X509_new")
        }
        let name = Array(commonName.utf8.prefix(Self.maximumNameLength))
        let isMade =
            unsafe X509_set_version(certificate, Int(X509_VERSION_3)) == 1
            && ASN1_STRING_set(X509_get_serialNumber(certificate), serial, Int32(serial.count)) == 1
            && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(validity.lowerBound)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(validity.upperBound)) != nil
            && weir_X509_NAME_add_common_name(X509_get_subject_name(certificate), name, Int32(name.count))
                == 1
            && X509_set_pubkey(certificate, key) == 1
        guard isMade else {
            let error = CryptographyError.last(in: "X509_new")
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.certificate = certificate
        unsafe self.key = key
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// An extension in the notation of x509v3_config(5); without an `issuer` the certificate is its own.
    func add(
        _ identifier: Int32, _ value: String, issuer: CertificateSigner?
    ) throws(CryptographyError) {
        let other = unsafe issuer?.certificate ?? certificate
        guard unsafe weir_X509_add_extension(certificate, other, identifier, value) == 1 else {
            throw .last(in: "X509V3_EXT_conf_nid")
        }
    }

    /// The certificate and its key, signed by another's key or by its own.
    func signed(by issuer: CertificateSigner?) throws(CryptographyError) -> TLSContext.Identity {
        let (other, signingKey) = unsafe (issuer?.certificate ?? certificate, issuer?.key ?? key)
        guard unsafe X509_set_issuer_name(certificate, X509_get_subject_name(other)) == 1,
            unsafe X509_sign(certificate, signingKey, EVP_sha256()) > 0
        else { throw .last(in: "X509_sign") }
        let chain = try unsafe PEM.write { unsafe PEM_write_bio_X509($0, certificate) }
        let secret = try unsafe PEM.write {
            unsafe PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
        return TLSContext.Identity(certificateChainPEM: Array(chain.utf8), privateKeyPEM: Array(secret.utf8))
    }
}

/// An authority's certificate and key, read for signing.
@safe
final class CertificateSigner {
    let certificate: OpaquePointer
    let key: OpaquePointer

    /// - Throws: ``CryptographyError/malformed(_:)`` also for a key of another certificate.
    init(_ identity: TLSContext.Identity) throws(CryptographyError) {
        guard let certificate = unsafe PEM.readCertificate(identity.certificateChainPEM) else {
            throw .malformed("no certificate in PEM")
        }
        guard let key = unsafe PEM.readPrivateKey(identity.privateKeyPEM) else {
            unsafe X509_free(certificate)
            throw .malformed("no unencrypted private key in PEM")
        }
        guard unsafe X509_check_private_key(certificate, key) == 1 else {
            ERR_clear_error()
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
            throw .malformed("the key is not the certificate's")
        }
        unsafe self.certificate = certificate
        unsafe self.key = key
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }
}
