import API
import Cryptography
import Hummingbird
package import Kubernetes
package import Logging
import NIOCore
import Networking
import Shipping

/// An operator without a cluster: configuration, approvals and their people for gateways that reach it over HTTPS.
package struct LocalControlPlane: Sendable {
    package struct Options: Sendable {
        /// Folder of the resources' YAML.
        package var manifests: String
        /// Whose connections and rules are served.
        package var namespace: String
        /// Folder of what is kept: the requests, and the authority of its certificate as `ca.crt`.
        package var data: String
        /// Folder of tokens; see ``LocalTokens``.
        package var tokens: String
        /// Of the people, by name.
        package var groups: [String: [String]]
        package var addresses: ListenAddresses
        /// Names that its certificate is for.
        package var hostNames: [String]
        /// People who may look at identities and revoke them.
        package var administrators: Set<String>
        /// Where browsers reach it, for signing in by SAML; `nil`: nobody signs in.
        package var publicURL: String?
        /// Base URL of the audit sink, for the operator's own audit log; `nil`: it is kept in the folder `data`.
        package var sink: String?
        /// File of the authorities to trust for the sink, PEM; `nil`: the system's.
        package var sinkAuthorities: String?
        /// Folder of Secrets, each a folder with a file for a key; `nil`: there are none.
        package var secrets: String?
        /// Where people see a request for approval; `nil` where there is no such page.
        package var approvalsLink: ApprovalsLink?

        package init(
            manifests: String, namespace: String, data: String, tokens: String, groups: [String: [String]],
            addresses: ListenAddresses, hostNames: [String] = ["localhost"], administrators: Set<String> = [],
            publicURL: String? = nil, sink: String? = nil, sinkAuthorities: String? = nil,
            secrets: String? = nil, approvalsLink: ApprovalsLink? = nil
        ) {
            self.manifests = manifests
            self.namespace = namespace
            self.data = data
            self.tokens = tokens
            self.groups = groups
            self.addresses = addresses
            self.hostNames = hostNames
            self.administrators = administrators
            self.publicURL = publicURL
            self.sink = sink
            self.sinkAuthorities = sinkAuthorities
            self.secrets = secrets
            self.approvalsLink = approvalsLink
        }

        package static func isUsable(sink: String) -> Bool { (try? BaseURL(sink)) != nil }
    }

    /// How long its certificate holds: it is made at each start.
    private static let certificateLifetime = Duration.seconds(365 * 86_400)

    private let options: Options
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    package init(_ options: Options, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.options = options
        self.logger = logger
        self.now = now
    }

    /// Serves until `ended` returns.
    /// - Throws: for folders that cannot be used, and ports that cannot be listened on.
    package func run(
        until ended: @escaping @Sendable () async -> Void,
        isListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let metrics = OperatorMetrics()
        let hub = StreamHub(metrics: metrics)
        let loops = EventLoops.start(count: 1)
        defer { loops.shutdownGracefully { _ in } }
        let folder = try LocalFolder(options.data)
        let tokens = LocalTokens(folder: options.tokens, groups: options.groups)
        let approvals = try LocalApprovals(
            folder: LocalFolder(options.data + "/approvals"), now: now,
            people: { tokens.people }, changed: { hub.wake(nil) })
        let configuration = LocalConfiguration(
            folder: options.manifests, namespace: options.namespace, logger: logger)
        let objects = LocalObjects(
            folder: try LocalFolder(options.data + "/identities"),
            secrets: [SCIMSecret.name: options.tokens + "/scim"], empty: [IdentityService.secretName],
            logger: logger)
        let identities = IdentityService(
            api: objects, namespace: options.namespace, connections: configuration, hub: hub,
            metrics: metrics,
            logger: logger, fetch: IssuerKeys.overNetwork(on: loops.next()), now: now)
        let log = try OperatorLog(
            data: options.data, name: Self.logName, sink: sink, on: loops.next(), logger: logger, now: now)
        let routes = LocalRoutes(
            configuration: configuration, approvals: approvals,
            tokens: tokens, identities: identities, log: log, hub: hub,
            namespace: options.namespace, logger: logger)
        let servers = OperatorServers(
            addresses: options.addresses, identity: try identity(keptIn: folder), logger: logger)
        let notifications = LocalNotifications(
            secrets: options.secrets, approvals: approvals, logger: logger)
        let notifier = Notifier(
            ground: notifications, on: loops.next(), link: options.approvalsLink, namesNamespace: false,
            metrics: metrics, logger: logger, now: now)
        // Before anybody is listened to: what is asked by a rule that is not known is refused for good.
        let read = configuration.read { approvals.use($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await notifier.run() }
            group.addTask { await notifications.watch(notifier) }
            group.addTask { await configuration.watch(since: read) { approvals.use($0) } }
            group.addTask { await identities.run() }
            group.addTask { await log.run() }
            group.addTask { [options] in
                let router = Router(context: ClientContext.self)
                routes.add(to: router)
                TokenRoutes(
                    exchange: TokenExchange(service: identities), log: log, metrics: metrics,
                    logger: logger
                ).add(to: router)
                let signingIn = SAMLService(identities, publicURL: options.publicURL) {
                    configuration.current?.connections ?? []
                }
                SAMLRoutes(service: signingIn, log: log, metrics: metrics, logger: logger)
                    .add(to: router)
                let record: IdentityRoutes.Record = { await log.note(change: $0) }
                IdentityRoutes(
                    service: identities,
                    gate: LocalAdministrators(tokens: tokens, names: options.administrators), record: record
                ).add(to: router)
                SCIMRoutes(
                    service: identities, api: objects, namespace: options.namespace, record: record
                ).add(to: router)
                try await servers.runSecure(router, isListening: isListening)
            }
            group.addTask {
                await ended()
                hub.close()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            do {
                for try await _ in group {}
            } catch is CancellationError {}
        }
        await log.end()
    }

    /// As which, with a digest of its key, the operator's own audit log is known to the sink.
    private static let logName = "weir-operator"

    private var sink: SinkAddress? {
        options.sink.map { [file = options.sinkAuthorities] url in
            SinkAddress(url: url) {
                guard let file else { return nil }
                guard let authorities = LocalFolder.read(file) else { throw LocalFolder.Fault(file) }
                return authorities
            } authorization: {
                nil
            }
        }
    }

    private func identity(keptIn folder: LocalFolder) throws -> FixedIdentity {
        let validity = CertificatePlan.validity(for: Self.certificateLifetime, at: now())
        let authority = try CertificateAuthority.make(commonName: "weir-operator", validity: validity)
        let certificate = authority.identity.certificateChainPEM
        guard folder.write("ca.crt", certificate, mode: 0o644) else { throw LocalFolder.Fault(folder.path) }
        return FixedIdentity(
            try authority.issue(names: options.hostNames, validity: validity), authorities: certificate)
    }
}
