import API
import ArgumentParser
import FoundationEssentials
import Gateway
import Manifests
import NIOCore
import Networking
import WireProtocols

/// Which connection, and what its gateway is given.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "The DatabaseConnection: NAME or NAMESPACE/NAME.")
    var connection: String

    @Option(help: "The folder of manifests that the gateway is given.")
    var manifests: String

    @Option(help: "The folder of secrets that the gateway is given: DIR/<secret>/<key>.")
    var secrets: String

    @Option(name: .shortAndLong, help: "The namespace the gateway serves; objects that name none are in it.")
    var namespace: String?

    @Option(help: "The database, where the connection leaves it to its clients.")
    var database: String?

    struct Target {
        var connection: DatabaseConnection
        var manifests: ManifestSet
        var database: String
    }

    func validate() throws {
        for (option, folder) in [("--manifests", manifests), ("--secrets", secrets)] {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
                throw ValidationError("\(option) \(folder): no such folder")
            }
        }
    }

    /// - Throws: `ValidationError` for options that fit no connection; `ManifestFaults`; ``DatabaseFault``.
    func target() throws -> Target {
        let set = try ManifestSet.load(folder: manifests, namespace: namespace)
        let found = set.connections.filter {
            [$0.metadata.name, $0.metadata.qualifiedName].contains(connection)
        }
        guard let first = found.first else {
            let known = set.connections.map(\.metadata.qualifiedName).joined(separator: ", ")
            throw ValidationError(
                "the manifests hold no DatabaseConnection \(TerminalText.escaped(connection)); "
                    + (known.isEmpty ? "they hold none" : "there is \(known)"))
        }
        guard found.count == 1 else {
            let name = TerminalText.escaped(connection)
            throw ValidationError(
                "several namespaces have a DatabaseConnection \(name); say NAMESPACE/\(name)")
        }
        let name = first.metadata.qualifiedName
        guard first.spec.protocol == .postgres else { throw DatabaseFault.otherProtocol(name) }
        guard let database = first.spec.upstream.database ?? database else {
            throw ValidationError(
                "DatabaseConnection \(name) leaves the database to its clients; name one with --database")
        }
        return Target(connection: first, manifests: set, database: database)
    }

    /// A session with the database as the gateway would have it for that subject, not open yet.
    func session(
        with target: Target, as subject: Subject, login: UpstreamSession.Login? = nil,
        parameters: [(String, String)] = [], on loop: any EventLoop = EventLoops.start(count: 1).next()
    ) throws -> UpstreamSession {
        try UpstreamSession(
            with: target, access: DatabaseAccess(to: target.connection, secrets: secrets), as: subject,
            login: login, parameters: parameters.map { StartupMessage.Parameter($0, $1) }, on: loop)
    }
}

extension Subject {
    /// Whoever runs weirctl, where it does not matter who asks.
    static let administrator = Subject(name: "weirctl", groups: [], proof: .workload)
}
