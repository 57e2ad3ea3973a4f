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
}
