import FoundationEssentials

/// What is wrong with how the sink was started.
package enum ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
    case listen(String)
    case tokenFile(String)

    package var description: String {
        switch self {
        case .listen(let text): "\"\(text)\" is no ADDRESS:PORT to listen on, such as 127.0.0.1:9440"
        case .tokenFile(let path): "\(path) cannot be read, or has a line that is not a name and a token"
        }
    }
}

extension AuditSinkServer.Configuration {
    /// As given on a command line: `listen` is `ADDRESS:PORT`, with an IPv6 address in brackets.
    package init(
        folder: String, listen: String, trustedKeys: String?, tokenFile: String?
    ) throws(ConfigurationFault) {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]),
            colon != listen.startIndex
        else { throw .listen(listen) }
        var readers = Readers()
        if let tokenFile {
            guard let data = FileManager.default.contents(atPath: tokenFile),
                let read = Readers(file: String(decoding: data, as: UTF8.self))
            else { throw .tokenFile(tokenFile) }
            readers = read
        }
        let host = listen[..<colon].trimmingPrefix("[")
        self.init(
            folder: folder, host: String(host.last == "]" ? host.dropLast() : host), port: Int(port),
            trustedKeys: trustedKeys.map(TrustedKeys.folder) ?? .firstContact, readers: readers)
    }
}
