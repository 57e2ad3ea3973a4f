package import Admission
package import Kubernetes
package import Logging
import NIOCore
import Networking

/// The operator: watches fill a view of the cluster, every replica serves gateways and admission from it, and the
/// one that leads makes the cluster what it should be.
package struct ControlPlane: Sendable {
    package let state: ClusterState
    package let metrics = OperatorMetrics()
    package let readiness: Readiness
    let server: any APIServer
    let settings: InstallationSettings
    let options: Options
    let identity: any ServingIdentity
    /// `nil` where certificates come from outside.
    let certificates: KeptIdentity?
    let injector: Injector
    let nativeSidecars: NativeSidecars
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// Nobody works through it before this process leads, and then everything is looked at.
    let queue = ReconcileQueue<ReconcileKey>(isOpen: false)
    let ledger = AcknowledgementLedger()
    let hub: StreamHub
    let identities: IdentityService
    let loops: any EventLoopGroup
    let authenticator: TokenAuthenticator
    let replicaIdentity: ReplicaIdentity
    let removals = Removals()

    /// `identity` has certificates from outside, `nil` for the operator's own authority; `now` is the wall clock, for
    /// certificates and what people read.
    package init(
        server: any APIServer, settings: InstallationSettings, options: Options,
        identity: FixedIdentity? = nil, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        let kept = KeptIdentity()
        certificates = identity == nil ? kept : nil
        let identity: any ServingIdentity = identity ?? kept
        state = ClusterState(
            ClusterView(platformNamespace: settings.namespace, watching: options.namespaces))
        nativeSidecars = NativeSidecars(options.nativeSidecars)
        readiness = Readiness(state: state, identity: identity, nativeSidecars: nativeSidecars)
        hub = StreamHub(metrics: metrics)
        authenticator = TokenAuthenticator(server: server, metrics: metrics)
        replicaIdentity = ReplicaIdentity(token: options.token, authenticator: authenticator)
        self.server = server
        self.settings = settings
        self.options = options
        self.identity = identity
        injector = Injector(settings)
        self.logger = logger
        self.now = now
        loops = EventLoops.start(count: 1)
        identities = IdentityService(
            api: server, namespace: settings.namespace, connections: state, hub: hub, metrics: metrics,
            logger: logger, fetch: IssuerKeys.overNetwork(on: loops.next()),
            interval: options.identityInterval,
            now: now)
    }

    /// The lease was lost: another leads by now, and this process has to begin anew.
    package struct LeaseLost: Error, CustomStringConvertible {
        package var description: String { "the lease is lost; another replica leads" }
    }

    /// Until `ended` returns, and for as long as it takes to leave; or until the lease is lost.
    ///
    /// - Parameters:
    ///   - ended: returns when the process is to end.
    ///   - isListening: called with the HTTPS port once connections are accepted.
    /// - Throws: ``LeaseLost``, and for ports that cannot be listened on.
    package func run(
        until ended: @escaping @Sendable () async -> Void,
        isListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        defer { loops.shutdownGracefully { _ in } }
        let log = try options.data.map {
            try OperatorLog(
                data: $0, name: "\(settings.namespace).\(options.pod)", sink: sink, on: loops.next(),
                signInterval: options.signInterval, logger: logger, now: now)
        }
        do {
            try await serve(recordingIn: log, until: ended, isListening: isListening)
        } catch {
            // Whatever it ends by, also a lease that is lost, the last records are signed and sent.
            await log?.end()
            throw error
        }
        await log?.end()
    }

    private func serve(
        recordingIn log: OperatorLog?, until ended: @escaping @Sendable () async -> Void,
        isListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            let leadership = Task { try await lead(recordingIn: log) }
            group.addTask { await watch.run() }
            group.addTask { await accessWatch.run() }
            group.addTask { await keepCertificates() }
            group.addTask { await identities.run() }
            group.addTask { await log?.run() }
            group.addTask { [removals, logger] in
                for await removal in removals.confirmed {
                    logger.notice("resource removed", metadata: ["resource": "\(removal)"])
                    await log?.note(change: removal)
                }
            }
            group.addTask { [logger] in
                await nativeSidecars.run(server) { error in
                    logger.warning("versions of nodes are not known", metadata: ["error": "\(error)"])
                }
            }
            group.addTask { try await serveSecurely(recordingIn: log, isListening) }
            group.addTask { try await servePlainly() }
            group.addTask { await replicas.run() }
            group.addTask {
                try await withTaskCancellationHandler {
                    try await leadership.value
                } onCancel: {
                    leadership.cancel()
                }
            }
            group.addTask {
                await ended()
                guard !Task.isCancelled else { return }
                logger.notice("ending")
                readiness.end()
                leadership.cancel()
                _ = await leadership.result
                hub.close()
                try await Task.sleep(for: options.drain)
                throw Ended()
            }
            defer { group.cancelAll() }
            do {
                for try await _ in group {}
            } catch is Ended {
                return
            }
        }
    }

    private struct Ended: Error {}

    private var watch: ClusterWatch {
        ClusterWatch(
            state: state, server: server, queue: queue, hub: hub, ledger: ledger, removals: removals,
            metrics: metrics, logger: logger)
    }

    private var accessWatch: AccessWatch {
        AccessWatch(
            check: AccessCheck(scopes: state.withView(\.scopes), namespace: settings.namespace),
            server: server, readiness: readiness, identity: replicaIdentity, metrics: metrics, logger: logger,
            now: now)
    }
}
