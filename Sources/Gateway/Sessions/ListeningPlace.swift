import API
import Networking

/// One place where a connection's clients are expected.
struct ListeningPlace: Sendable, Equatable {
    var endpoint: Endpoint
    /// Mode bits of a unix socket's file.
    var permissions = SocketFile.openToAll
}

extension GatewayConfiguration {
    /// Where the clients of a connection are expected.
    func places(of connection: DatabaseConnection) -> [ListeningPlace] {
        let listen = connection.spec.listen
        let tcp = listenAddresses.map {
            ListeningPlace(endpoint: .tcp(host: $0, port: UInt16(listen.port)))
        }
        let socket = listen.unixSocket.map {
            ListeningPlace(endpoint: .unix(path: $0), permissions: listen.unixSocketPermissions)
        }
        return tcp + (socket.map { [$0] } ?? [])
    }

    /// What to do about clients of other machines that may come there without TLS; `nil` where none may.
    func cleartextRemedy(at endpoint: Endpoint) -> String? {
        guard case .tcp(let host, _) = endpoint, !requiresTLS, !Self.isLoopback(host) else { return nil }
        let options = clientTLS == nil ? "--tls-certificate, --tls-key and --require-tls" : "--require-tls"
        return "give \(options), or a --listen-address of the loopback interface"
    }

    /// Of names only `localhost` is known to be of this machine.
    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
