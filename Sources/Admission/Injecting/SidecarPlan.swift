import API

/// Which connections one sidecar serves, and what it needs for them: the same for every pod they select.
struct SidecarPlan: Equatable {
    /// Ports of the sidecar itself, that no connection can have. Meshes use those from 15000 to 15090.
    static let healthPort = 15_420
    static let shutdownPort = 15_421

    /// By name.
    let connections: [BoundConnection]
    /// Of the connections, in their order.
    let specs: [DatabaseConnection.Spec]
    /// Folders of sockets, sorted; each is a volume.
    let socketFolders: [String]
    private(set) var exclusions: [Exclusion] = []

    /// A connection that is left out, and why.
    struct Exclusion: Equatable {
        var name: String
        var reason: String
    }

    /// Of two connections with the same port or socket the younger is left out.
    init(serving candidates: [BoundConnection]) {
        var connections: [BoundConnection] = []
        for candidate in candidates.sorted(by: { $0.isOlder(than: $1) }) {
            if let reason = candidate.obstacle ?? Self.conflict(of: candidate.connection, with: connections) {
                exclusions.append(Exclusion(name: candidate.connection.metadata.name, reason: reason))
            } else {
                connections.append(candidate)
            }
        }
        connections.sort(by: Self.isBefore)
        self.connections = connections
        specs = connections.map(\.connection.spec)
        socketFolders = Set(specs.compactMap(\.listen.unixSocket).map(SocketFolder.containing)).sorted()
    }

    private static func isBefore(_ left: BoundConnection, _ right: BoundConnection) -> Bool {
        left.connection.metadata.name.utf8.lexicographicallyPrecedes(right.connection.metadata.name.utf8)
    }

    private static func conflict(
        of connection: DatabaseConnection, with connections: [BoundConnection]
    ) -> String? {
        let listen = connection.spec.listen
        for other in connections.map(\.connection) {
            if other.metadata.name == connection.metadata.name { return "its name occurs twice" }
            if other.spec.listen.port == listen.port {
                return "its port \(listen.port) is that of \(other.metadata.name)"
            }
            if let socket = listen.unixSocket, other.spec.listen.unixSocket == socket {
                return "its socket \(socket) is that of \(other.metadata.name)"
            }
        }
        return nil
    }

    var names: [String] { connections.map(\.connection.metadata.name) }

    /// Why others are left out.
    var warnings: [String] {
        exclusions.map { "DatabaseConnection \($0.name) is not served: \($0.reason)" }
    }

    // MARK: - How the sidecar runs

    /// The first connection that insists on one way decides.
    func isNative(whereAutomatic automatic: Bool) -> Bool {
        switch specs.map(\.sidecar.mode).first(where: { $0 != .auto }) {
        case .native: true
        case .container: false
        case .auto, nil: automatic
        }
    }

    var holdsApplication: Bool { specs.contains { $0.sidecar.holdApplication } }

    /// The longest.
    var drainTimeout: Duration { specs.map(\.sidecar.drainTimeout).max() ?? .zero }

    /// The most talkative.
    var logLevel: DatabaseConnection.Sidecar.LogLevel {
        let levels = DatabaseConnection.Sidecar.LogLevel.allCases
        return levels.first { level in specs.contains { $0.sidecar.logLevel == level } } ?? .info
    }

    // MARK: - What it reads

    /// Keys by the Secret's name.
    var secrets: [String: Set<String>] {
        var keys: [String: Set<String>] = [:]
        for connection in connections {
            let spec = connection.connection.spec
            if case .secret(let reference) = spec.credentials {
                keys[reference.name, default: []].formUnion([reference.usernameKey, reference.passwordKey])
            }
            if let reference = spec.upstream.tls.clientCertificateSecretRef {
                keys[reference.name, default: []].formUnion([
                    reference.certificateKey, reference.privateKeyKey,
                ])
            }
            for rule in connection.maskingPolicies.flatMap(\.spec.rules) {
                if let key = rule.action.keyReference { keys[key.name, default: []].insert(key.key) }
            }
        }
        return keys
    }

    /// Keys by the ConfigMap's name: authorities of databases.
    var authorities: [String: Set<String>] {
        var keys: [String: Set<String>] = [:]
        for reference in specs.compactMap(\.upstream.tls.caConfigMapRef) {
            keys[reference.name, default: []].insert(reference.key)
        }
        return keys
    }
}

extension MaskingAction {
    fileprivate var keyReference: SecretKeyReference? {
        switch self {
        case .hash(let key), .tokenize(let key), .dateShift(_, let key): key
        case .redact, .null, .partial, .generalize, .denyQuery: nil
        }
    }
}

/// The folder in which a socket appears, as a volume in two containers.
enum SocketFolder {
    /// Folders that a volume would take from the containers, with all that is below them.
    private static let reserved = [
        "/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/var/lib/weir",
        "/var/run/secrets", "/run/secrets",
    ]

    /// Without a slash at its end.
    static func containing(_ socket: String) -> String {
        let parts = socket.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }

    /// Why no volume can be there.
    static func fault(_ socket: String) -> String? {
        let folder = containing(socket)
        // Volumes cannot be mounted at a path with a colon.
        let isTaken =
            folder == "/" || folder.contains(":")
            || reserved.contains { folder == $0 || folder.hasPrefix($0 + "/") }
        return isTaken ? "a volume for its socket cannot be mounted at \(folder)" : nil
    }
}
