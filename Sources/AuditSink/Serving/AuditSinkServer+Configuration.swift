import FoundationEssentials
import NIOCore
import Networking

/// What is wrong with how the sink was started.
package enum ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
    case listen(String)
    case tokenFile(String)
    case trustedKeys(String)
    case halfOfCertificate
    case attestation

    package var description: String {
        switch self {
        case .listen(let text): "\"\(text)\" is no ADDRESS:PORT to listen on, such as 127.0.0.1:9440"
        case .halfOfCertificate: "--tls-certificate and --tls-key go together"
        case .attestation:
            "--operator, an https:// URL, goes with --operator-ca, and both with --tls-certificate"
        case .tokenFile(let path): "\(path) cannot be read, or has a line that is not a name and a token"
        case .trustedKeys(let path): "--trusted-keys \(path) is no folder that can be read"
        }
    }
}

extension AuditSinkServer.Configuration {
    /// As given on a command line: `listen` is `ADDRESS:PORT`, with an IPv6 address in brackets.
    package init(
        folder: String, listen: String, trustedKeys: String?, tokenFile: String?,
        certificate: (file: String?, key: String?) = (nil, nil), health: String? = nil,
        attestation: (url: String?, certificateAuthorities: String?) = (nil, nil)
    ) throws(ConfigurationFault) {
        let address = try Self.address(listen)
        var readers = Readers()
        if let tokenFile {
            guard let data = FileManager.default.contents(atPath: tokenFile),
                let read = Readers(file: String(decoding: data, as: UTF8.self))
            else { throw .tokenFile(tokenFile) }
            readers = read
        }
        if let trustedKeys, (try? FileManager.default.contentsOfDirectory(atPath: trustedKeys)) == nil {
            throw .trustedKeys(trustedKeys)
        }
        self.init(
            folder: folder, host: address.host, port: address.port,
            trustedKeys: trustedKeys.map(TrustedKeys.folder) ?? .firstContact, readers: readers)
        switch certificate {
        case (nil, nil): break
        case (let file?, let key?): self.certificate = CertificateFiles(certificate: file, key: key)
        case (nil, _), (_, nil): throw .halfOfCertificate
        }
        if let health { self.health = try Self.address(health) }
        switch attestation {
        case (nil, nil): break
        // Tokens come with it, which in clear would be anybody's.
        case (let url?, let authorities?) where url.hasPrefix("https://") && self.certificate != nil:
            self.attestation = WriterAttestation(
                url: url, certificateAuthorities: authorities, on: EventLoops.shared.next())
        case (_, _): throw .attestation
        }
    }

    private static func address(_ text: String) throws(ConfigurationFault) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon != text.startIndex
        else { throw .listen(text) }
        let host = text[..<colon].trimmingPrefix("[")
        return (String(host.last == "]" ? host.dropLast() : host), Int(port))
    }
}
