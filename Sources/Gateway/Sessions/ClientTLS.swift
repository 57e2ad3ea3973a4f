import Cryptography
import Logging
import WireProtocols

/// What the gateway shows to its clients: made anew when its files have changed, so that a renewed certificate is
/// used from the next session on.
final class ClientTLS {
    private let files: GatewayConfiguration.TLSFiles
    private let logger: Logger
    /// What the files held when ``current`` was made.
    private var identity: Content
    private var current: TLSContext
    /// What the files held when they could not be used, so that it is told once.
    private var refused: Content?

    private struct Content: Equatable {
        var certificate: [UInt8]
        var key: [UInt8]
    }

    /// - Throws: `TLSError` or a ``GatewayFault`` that names the file.
    init(_ files: GatewayConfiguration.TLSFiles, logger: Logger) throws {
        self.files = files
        self.logger = logger
        identity = try Self.read(files)
        do { current = try Self.context(identity) } catch TLSError.configuration(let reason) {
            let isKey = reason.hasPrefix("private key")
            throw GatewayFault.unusable(
                option: isKey ? "--tls-key" : "--tls-certificate",
                value: isKey ? files.key : files.certificate,
                reason: reason.hasSuffix("no start line") ? "\(reason); expected PEM" : reason)
        }
    }

    /// Files that cannot be used, such as those of which only one has been renewed yet, leave the last good ones in
    /// force.
    func context() -> TLSContext {
        do {
            let found = try Self.read(files)
            guard found != identity, found != refused else { return current }
            refused = found
            current = try Self.context(found)
            (identity, refused) = (found, nil)
            logger.notice("TLS certificate renewed", metadata: ["file": "\(files.certificate)"])
        } catch {
            logger.error("TLS certificate not usable; the last one stays", metadata: ["error": "\(error)"])
        }
        return current
    }

    private static func read(_ files: GatewayConfiguration.TLSFiles) throws -> Content {
        let read = { (path: String) throws -> [UInt8] in
            guard let content = SecretFolder.content(of: path) else {
                throw GatewayFault.unreadableFile(path)
            }
            return content
        }
        return try Content(certificate: read(files.certificate), key: read(files.key))
    }

    private static func context(_ content: Content) throws -> TLSContext {
        try TLSContext.server(
            identity: TLSContext.Identity(
                certificateChainPEM: content.certificate, privateKeyPEM: content.key),
            applicationProtocol: ClientHandshake.applicationProtocol)
    }
}
