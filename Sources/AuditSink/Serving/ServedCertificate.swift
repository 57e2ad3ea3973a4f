import Cryptography
import FoundationEssentials
import Glibc
import Logging
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

/// The TLS of new connections, by files that may come after the start and are renewed in place. Tells when they come,
/// are renewed, and cannot be used.
final class ServedCertificate: Sendable {
    private struct Served {
        let chain: [UInt8]
        let context: TLSContext
    }

    private struct State {
        var served: Served?
        /// Why what is there now cannot be used.
        var fault: TLSError?
    }

    /// Between two looks at the files while nobody connects.
    private static let lookInterval = Duration.seconds(10)

    private let files: CertificateFiles
    private let logger: Logger
    private let state = Mutex(State())

    init(_ files: CertificateFiles, logger: Logger) {
        self.files = files
        self.logger = logger
    }

    /// What could be used last, while what is there now cannot be.
    func current() throws(TLSError) -> TLSContext {
        let known = state.withLock { $0.served }
        do throws(TLSError) {
            let served = try read(after: known)
            use(served, after: known)
            return served.context
        } catch {
            tell(error, whileServing: known != nil)
            guard let known else { throw error }
            return known.context
        }
    }

    /// Looks until the task is cancelled, so that a fault is told before somebody connects.
    func watch() async {
        repeat { _ = try? current() } while (try? await Task.sleep(for: Self.lookInterval)) != nil
    }

    private func read(after known: Served?) throws(TLSError) -> Served {
        let chain = try Self.content(of: files.certificate)
        let key = try Self.content(of: files.key)
        if let known, known.chain == chain { return known }
        let context = try TLSContext.server(
            identity: TLSContext.Identity(certificateChainPEM: chain, privateKeyPEM: key),
            applicationProtocol: "http/1.1")
        return Served(chain: chain, context: context)
    }

    private func use(_ served: Served, after known: Served?) {
        let isNews = state.withLock { state in
            // Who has read the files before they were renewed does not undo it.
            let isRenewed = served.chain != known?.chain && served.chain != state.served?.chain
            if isRenewed { state.served = served }
            defer { state.fault = nil }
            return isRenewed || state.fault != nil
        }
        if isNews { logger.notice("the certificate is in use", metadata: facts) }
    }

    private func tell(_ fault: TLSError, whileServing isServing: Bool) {
        let isNews = state.withLock { state in
            defer { state.fault = fault }
            return state.fault != fault
        }
        guard isNews else { return }
        var facts = facts
        if case .configuration(let reason) = fault { facts["reason"] = "\(reason)" }
        if isServing {
            logger.warning("the certificate cannot be used; the one before it stays", metadata: facts)
        } else {
            logger.warning("nobody can connect until the certificate can be used", metadata: facts)
        }
    }

    private var facts: Logger.Metadata {
        ["certificate": "\(files.certificate)", "key": "\(files.key)"]
    }

    private static func content(of path: String) throws(TLSError) -> [UInt8] {
        if let data = FileManager.default.contents(atPath: path) { return Array(data) }
        let reason =
            unsafe access(path, R_OK) == 0 ? "it is no file" : unsafe String(cString: strerror(errno))
        throw .configuration("\(path): \(reason)")
    }
}
