package import Kubernetes

/// Where an API server is.
package struct ClusterAddress: Sendable, Equatable {
    let isSecure: Bool
    /// A name or an address, without brackets.
    let host: String
    let port: UInt16
    /// Before every request's own; empty, or beginning with a slash and not ending with one.
    let path: String
    /// Under which name the server's certificate is, where that is not the host.
    let tlsServerName: String?
    /// A URL; `nil` for none, also where the environment names one.
    let proxy: String?
    /// As whom to act, where that is not who we are.
    let impersonation: [APIResponse.Header]

    /// - Throws: for anything but `https://host[:port][/path]`. Without encryption only this machine itself is
    ///   reached, as through `kubectl proxy`.
    package init(
        _ server: String, tlsServerName: String? = nil, proxy: String? = nil,
        impersonation: [APIResponse.Header] = []
    ) throws(ConfigurationError) {
        let parts = try Self.parse(server, field: "server")
        (isSecure, host, port, path) = (parts.scheme == "https", parts.host, parts.port, parts.path)
        guard isSecure || ["localhost", "127.0.0.1", "::1"].contains(host) else {
            throw ConfigurationError("server: \(server) is without encryption")
        }
        if let proxy {
            let scheme = proxy.prefix { $0 != ":" }
            guard ["http", "https", "socks5", "socks5h"].contains(scheme),
                proxy.dropFirst(scheme.count).hasPrefix("://"),
                Self.isPlain(proxy)
            else { throw ConfigurationError("proxy-url: not http://, https:// or socks5://") }
        }
        if let tlsServerName, !Self.isHost(tlsServerName) {
            throw ConfigurationError("tls-server-name: \(tlsServerName) is no host name")
        }
        for header in impersonation where !Self.isHeader(header.name) || !Self.isHeader(header.value) {
            throw ConfigurationError("as: not printable ASCII")
        }
        self.tlsServerName = tlsServerName
        self.proxy = proxy
        self.impersonation = impersonation
    }

    private static func parse(
        _ url: String, field: String
    ) throws(ConfigurationError) -> (scheme: String, host: String, port: UInt16, path: String) {
        let fault = ConfigurationError("\(field): \(url) is not https://host[:port][/path]")
        // A host alone is one by HTTPS.
        let text = url.contains("://") ? url : "https://\(url)"
        guard isPlain(text), let scheme = ["https", "http"].first(where: { text.hasPrefix("\($0)://") })
        else {
            throw fault
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        var host = authority
        var port = scheme == "https" ? "443" : "80"
        let hasPort = authority.last != "]" && authority.contains(":")
        if hasPort, let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = String(authority[authority.index(after: colon)...])
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard isHost(String(host)), isBracketed == host.contains(":"), port.allSatisfy(\.isNumber),
            let number = UInt16(port), number > 0, !path.contains("?"), !path.contains("#")
        else { throw fault }
        return (scheme, String(host), number, String(path))
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ":"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isHeader(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }

    /// For the `Host` header.
    var authority: String { "\(Self.bracketed(host)):\(port)" }

    /// By the name in the server's certificate, which libcurl checks against the URL.
    func url(of request: APIRequest) -> String {
        let name = Self.bracketed(tlsServerName ?? host)
        return "\(isSecure ? "https" : "http")://\(name):\(port)\(path)\(request.target)"
    }

    /// Where libcurl finds that name.
    var connectTo: String? {
        tlsServerName.map { "\(Self.bracketed($0)):\(port):\(Self.bracketed(host)):\(port)" }
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}

/// What is wrong with how to reach a cluster, for the person who configured it; holds no secrets.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
