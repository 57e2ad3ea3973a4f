import CXML
import CXMLSec
import Cryptography

/// A certificate by whose key an identity provider signs. The key alone counts: it is trusted because the configuration holds it,
/// and until it does not, whatever validity the certificate states.
@safe
package final class SigningCertificate: @unchecked Sendable {
    /// In bits (NIST SP 800-131A).
    private static let lengths: [weir_xmlsec_kind.RawValue: ClosedRange<Int>] = [
        weir_xmlsec_rsa.rawValue: 2048...8192, weir_xmlsec_ec.rawValue: 256...521,
    ]

    /// SHA-256 of the certificate, hexadecimal.
    package let fingerprint: String
    // Only read, and copied for each verification, which libxmlsec1 allows on any number of threads.
    private let key: OpaquePointer

    deinit { unsafe weir_xmlsec_key_free(key) }

    /// - Parameter pem: one certificate.
    /// - Throws: ``SAMLFault/certificate(_:)``, also for keys that are too short.
    package init(pem: String) throws(SAMLFault) {
        guard weir_xmlsec_start() == 1 else { throw .certificate("libxmlsec1 cannot be used") }
        let bytes = Array(pem.utf8)
        guard pem.split(separator: "-----BEGIN ", omittingEmptySubsequences: false).count == 2 else {
            throw .certificate("it is not one alone")
        }
        guard let facts = try? CertificateFacts(pem: bytes) else { throw .certificate("it is none") }
        guard let key = unsafe weir_xmlsec_key(bytes, bytes.count) else {
            throw .certificate("its key is of no known kind")
        }
        let length = unsafe Int(weir_xmlsec_key_length(key))
        let allowed = unsafe Self.lengths[weir_xmlsec_key_kind(key).rawValue]
        guard let allowed, allowed.contains(length) else {
            unsafe weir_xmlsec_key_free(key)
            throw .certificate(
                allowed == nil ? "its key is neither RSA nor EC" : "its key has \(length) bits")
        }
        fingerprint = Hexadecimal.encode(facts.fingerprint)
        unsafe self.key = key
    }

    /// See ``XMLDocument/verify(_:by:)``. The node is a `Signature`.
    func verify(_ signature: xmlNodePtr) -> [UInt8]? {
        var count = 0
        guard let bytes = unsafe weir_xmlsec_verify(signature, key, &count) else { return nil }
        defer { unsafe weir_xmlsec_free(bytes) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
