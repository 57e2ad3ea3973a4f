import API
import Identity
import Logging
import Manifests

/// The folder of manifests: written by people, or a snapshot that an operator made and Kubernetes mounted.
struct ConfigurationFolder: Sendable {
    /// How often it is looked at.
    static let watchInterval = Duration.milliseconds(250)

    private let configuration: GatewayConfiguration
    private let logger: Logger

    init(_ configuration: GatewayConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    var fingerprint: FolderFingerprint { FolderFingerprint(of: configuration.manifests) }

    /// - Throws: `ManifestFaults`, or what of it cannot be served.
    func load() throws -> ManifestSet {
        let manifests = try ManifestSet.load(
            folder: configuration.manifests, namespace: configuration.namespace,
            connections: configuration.connections,
            origin: configuration.controlPlane == nil ? .written : .rendered)
        try GatewayFault.check(manifests, for: configuration)
        for warning in manifests.warnings { logger.warning("manifest", metadata: ["warning": "\(warning)"]) }
        return manifests
    }

    /// What to start with: what is kept, or the folder as soon as it loads.
    /// - Returns: with the folder's fingerprint; `nil` when the gateway is asked to end before there is either.
    /// - Throws: when the folder does not load, unless an operator writes it, which may be about to mend it.
    func first(
        after kept: KeptConfiguration, unless termination: Termination
    ) async throws -> (ConfigurationPrecedence, FolderFingerprint)? {
        guard configuration.controlPlane != nil else {
            let fingerprint = fingerprint
            return (
                ConfigurationPrecedence(startingWith: try load(), hasOperator: false, at: .now), fingerprint
            )
        }
        let confirmed = kept.confirmed(for: configuration, at: SteadyClock().now())
        var told: FolderFingerprint?
        while !termination.isRequested {
            let (fingerprint, snapshot) = (fingerprint, Result { try load() })
            if case .failure(let error) = snapshot, told != fingerprint {
                logger.error("the snapshot does not load", metadata: ["faults": "\(error)"])
                told = fingerprint
            }
            let manifests = try? snapshot.get()
            if let confirmed {
                return (
                    ConfigurationPrecedence(goingOnWith: confirmed, folder: manifests, at: .now), fingerprint
                )
            }
            if let manifests {
                let precedence = ConfigurationPrecedence(startingWith: manifests, hasOperator: true, at: .now)
                return (precedence, fingerprint)
            }
            try await Task.sleep(for: Self.watchInterval)
        }
        return nil
    }

    /// Calls back for every change until the task is cancelled.
    ///
    /// A file that is being written may be valid and lack the rules at its end, and a snapshot's parts may be of
    /// different ages: only what has stayed the same from one look to the next, and while it was read, is taken.
    func watch(
        since loaded: FolderFingerprint, _ changed: (Result<ManifestSet, any Error>) async -> Void
    ) async {
        var (known, seen) = (loaded, loaded)
        while (try? await Task.sleep(for: Self.watchInterval)) != nil {
            let current = fingerprint
            let isSettled = current == seen
            seen = current
            guard current != known, isSettled else { continue }
            let result = Result { try load() }
            if case .success = result, fingerprint != current { continue }
            known = current
            await changed(result)
        }
    }
}

extension GatewayFault {
    /// Refuses what this gateway cannot serve.
    static func check(_ manifests: ManifestSet, for configuration: GatewayConfiguration) throws(GatewayFault)
    {
        let asked = configuration.connections ?? []
        let missing = asked.subtracting(manifests.connections.map(\.metadata.name))
        // An operator tells of those there are, whichever the pod began with.
        let lacksSome = configuration.controlPlane == nil && !missing.isEmpty
        guard !manifests.connections.isEmpty, !lacksSome else {
            throw .noConnections(
                namespace: configuration.namespace, asked: missing.sorted(), known: known(to: configuration))
        }
        for connection in manifests.connections {
            if let what = connection.spec.unsupported {
                throw .unsupported(connection: connection.metadata.qualifiedName, what: what)
            }
            let identity = connection.spec.identity
            let hasWorkload = configuration.workload != nil && identity.workload
            guard configuration.users != nil || hasWorkload || identity.hasIssuers else {
                throw .nobodyServed(connection: connection.metadata.qualifiedName)
            }
            for issuer in connection.spec.identity.issuers {
                guard let text = issuer.jwks else { continue }
                do { _ = try JSONWebKeySet(parsing: Array(text.utf8)) } catch {
                    throw .unusableKeys(
                        connection: connection.metadata.qualifiedName, issuer: issuer.issuer,
                        reason: "\(error)")
                }
            }
        }
    }

    /// The connections of the namespace; of all, when it has none.
    private static func known(to configuration: GatewayConfiguration) -> [String] {
        for namespace in [configuration.namespace, nil] {
            let manifests = try? ManifestSet.load(folder: configuration.manifests, namespace: namespace)
            let names = manifests?.connections.map(\.metadata.qualifiedName) ?? []
            if !names.isEmpty { return names }
        }
        return []
    }
}
