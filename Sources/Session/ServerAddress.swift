package import API

/// One address of one of a connection's hosts, and how it is spoken to there.
package struct ServerAddress: Equatable, Sendable {
    package var host: DatabaseConnection.Host
    /// An IPv4 or IPv6 address, or the path of a socket.
    package var address: String
    package var tls: DatabaseConnection.TLS

    package init(host: DatabaseConnection.Host, address: String, tls: DatabaseConnection.TLS) {
        self.host = host
        self.address = address
        self.tls = tls
    }

    /// Nobody listens on the way to a socket, and libpq encrypts nothing there either.
    package var isEncrypted: Bool { !host.isSocketFolder && tls.mode != .disable }

    /// The name a certificate must hold where names are verified.
    package var serverName: String { host.serverName ?? tls.serverName ?? host.host }
}
