import API

/// A connection as the containers of an application see it: what of them leads to the gateway.
struct ApplicationBinding {
    /// An environment variable and what it is set to.
    struct Variable {
        var name: String
        var value: String
        /// Whether the application's own value is an address of which a part is kept.
        var isURL: Bool
    }

    /// A folder with sockets in it, and the volume that is mounted there.
    struct Sockets {
        var folder: String
        var volume: String
    }

    /// Of the connection.
    let name: String
    let port: Int
    let variables: [Variable]
    let sockets: Sockets?
    /// The Secret with the database's credential, which applications should not read.
    let secret: String?
    /// Names of the containers that are meant; empty: all.
    let containers: [String]

    init(_ connection: DatabaseConnection, socketFolders: [String]) {
        let listen = connection.spec.listen
        name = connection.metadata.name
        port = listen.port
        containers = listen.containers
        let url = listen.env.url.map { name in
            let value = DatabaseURL.made(for: connection, host: SidecarContainer.address)
            return Variable(name: name, value: value, isURL: true)
        }
        variables = [
            listen.env.host.map { Variable(name: $0, value: SidecarContainer.address, isURL: false) },
            listen.env.port.map { Variable(name: $0, value: "\(listen.port)", isURL: false) },
            url,
        ].compactMap(\.self)
        let folder = listen.unixSocket.map(SocketFolder.containing)
        sockets = folder.flatMap { folder in
            socketFolders.firstIndex(of: folder).map {
                Sockets(folder: folder, volume: PodNames.socketVolumePrefix + "\($0)")
            }
        }
        if case .secret(let reference) = connection.spec.credentials {
            secret = reference.name
        } else {
            secret = nil
        }
    }

    func isMeant(for container: String) -> Bool {
        containers.isEmpty || containers.contains(container)
    }
}
