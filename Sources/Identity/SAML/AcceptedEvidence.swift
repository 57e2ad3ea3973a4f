package import API
import Cryptography

extension DatabaseConnection.SAMLProvider {
    /// SHA-256 of its certificates, hexadecimal.
    var fingerprints: Set<String> {
        Set(
            certificates.compactMap { pem in
                (try? CertificateFacts(pem: Array(pem.utf8))).map { Hexadecimal.encode($0.fingerprint) }
            })
    }
}

extension DatabaseConnection.Identity {
    /// Whether somebody may still be here who was proven so: by an issuer that is accepted, or an identity provider
    /// with the certificate that signed.
    package func accepts(_ evidence: IdentityEvidence) -> Bool {
        guard let certificate = evidence.certificate else {
            return issuers.contains { $0.issuer == evidence.issuer }
        }
        return samlProviders.contains {
            $0.entityID == evidence.issuer && $0.fingerprints.contains(certificate)
        }
    }
}
