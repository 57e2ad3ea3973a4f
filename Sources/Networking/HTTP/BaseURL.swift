/// `http://host[:port][/path]` or `https://…`: enough for the addresses of a configuration.
package struct BaseURL: Sendable, Equatable {
    package let isSecure: Bool
    /// A name or an address, without brackets.
    package let host: String
    package let port: UInt16
    /// Empty, or beginning with a slash and not ending with one.
    package let path: String

    /// - Throws: ``NetworkingError/malformedURL(_:)``.
    package init(_ text: String) throws(NetworkingError) {
        let rest: Substring
        if text.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            throw .malformedURL("give http:// or https://")
        }
        let isPlain = rest.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isPlain, !rest.contains(where: { "?#@\\\"<>".contains($0) }) else {
            throw .malformedURL("only host, port and path are possible")
        }
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        self.path = String(path)

        let port: Substring
        if authority.first == "[" {
            let address = authority.dropFirst().prefix { $0 != "]" }
            guard authority.count > address.count + 1 else { throw .malformedURL("no ] after the address") }
            (host, port) = (String(address), authority.dropFirst(address.count + 2))
        } else {
            let name = authority.prefix { $0 != ":" }
            (host, port) = (String(name), authority.dropFirst(name.count))
        }
        guard !host.isEmpty else { throw .malformedURL("no host") }
        if port.isEmpty {
            self.port = isSecure ? 443 : 80
        } else {
            let digits = port.dropFirst()
            guard port.first == ":", digits.allSatisfy(\.isWholeNumber), let number = UInt16(digits),
                number > 0
            else { throw .malformedURL("the port is not a number up to 65535") }
            self.port = number
        }
    }

    /// For the `Host` header: the port only where it is not the scheme's own.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
