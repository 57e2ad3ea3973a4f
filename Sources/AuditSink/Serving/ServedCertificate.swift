import Cryptography
import FoundationEssentials
import Synchronization

/// Files of a certificate chain and its key, PEM.
package struct CertificateFiles: Sendable, Equatable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// The TLS of new connections, by files that are renewed in place.
final class ServedCertificate: Sendable {
    private let files: CertificateFiles
    private let made = Mutex<(chain: [UInt8], context: TLSContext)?>(nil)

    init(_ files: CertificateFiles) {
        self.files = files
    }

    /// What could be read last, while what is there now cannot be used.
    func current() throws(TLSError) -> TLSContext {
        let known = made.withLock { $0 }
        guard let chain = Self.content(of: files.certificate), let key = Self.content(of: files.key) else {
            guard let known else { throw .configuration("there is no certificate yet") }
            return known.context
        }
        if let known, known.chain == chain { return known.context }
        do {
            let context = try TLSContext.server(
                identity: TLSContext.Identity(certificateChainPEM: chain, privateKeyPEM: key),
                applicationProtocol: "http/1.1")
            made.withLock { $0 = (chain, context) }
            return context
        } catch {
            guard let known else { throw error }
            return known.context
        }
    }

    private static func content(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }
}
