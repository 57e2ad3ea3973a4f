package import NIOCore

/// Where a connection comes from.
package struct PeerAddress: Sendable, Equatable {
    /// For the log: `192.0.2.1:5000`, `[2001:db8::1]:5000` or `unix socket`.
    package let description: String
    /// It came over the loopback interface or a socket of this machine.
    package let isLocal: Bool

    /// An IPv4 address that IPv6 carries is told as what it is. `nil` is the other end of a unix socket.
    package init(_ address: SocketAddress?) {
        guard let address, let text = address.ipAddress, let port = address.port else {
            description = "unix socket"
            isLocal = true
            return
        }
        let host = text.hasPrefix(Self.mappedPrefix) ? String(text.dropFirst(Self.mappedPrefix.count)) : text
        description = "\(Endpoint.tcp(host: host, port: UInt16(clamping: port)))"
        isLocal = host.hasPrefix("127.") || host == "::1"
    }

    /// Of IPv4-mapped addresses, as the system writes them (RFC 4291, section 2.5.5.2).
    private static let mappedPrefix = "::ffff:"
}
