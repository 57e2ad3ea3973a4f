import Networking

/// One place where a connection's clients are expected.
struct ListeningPlace: Equatable {
    var endpoint: Endpoint
    /// Mode bits of a unix socket's file.
    var permissions = SocketFile.openToAll
}
