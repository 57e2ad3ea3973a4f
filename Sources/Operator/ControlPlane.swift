import API
package import Admission
import Hummingbird
package import Kubernetes
package import Logging
import NIOCore
import Networking
import Synchronization

/// The operator: watches fill a view of the cluster, every replica serves gateways and admission from it, and the
/// one that leads makes the cluster what it should be.
package struct ControlPlane: Sendable {
    package struct Options: Sendable {
        package var addresses = ListenAddresses()
        /// Empty for all.
        package var namespaces: [String] = []
        package var electsLeader = true
        /// Names this process and no other, also not one before it.
        package var identity: String
        package var timing = LeaderElection.Timing()
        /// From 1.34 on.
        package var canWatchList = false
        /// How long connections are served once the operator is told to end: until nobody sends new ones.
        package var drain = Duration.seconds(5)
        /// Longest silence of a stream; whoever listens gives up after 40 s.
        package var heartbeat = Duration.seconds(15)
        /// Between two looks at the certificates.
        package var certificateInterval = CertificateKeeper.interval
        package var nativeSidecars = NativeSidecars.Mode.auto
        /// Of the Service of the audit sink, whose certificate is kept; `nil` for one with a certificate of its own.
        package var sinkService: String?
        /// Of the Service by which the operator is reached.
        package var serviceName = "weir-operator"
        /// Where browsers reach the operator, for signing in by SAML; `nil`: nobody signs in.
        package var publicURL: String?
        /// This pod's token for the audience of gateways, as it is now: other replicas know this one by it.
        package var token: @Sendable () -> String? = { nil }

        package init(identity: String) {
            self.identity = identity
        }

        /// Cookies of a sign-in need TLS.
        package static func isUsable(publicURL url: String) -> Bool {
            url.hasPrefix("https://") && StringFormat.webAddress.fault(in: url) == nil
                && !url.contains { $0 == "?" || $0 == "#" }
        }
    }

    package let state: ClusterState
    package let metrics = OperatorMetrics()
    package let readiness: Readiness
    private let server: any APIServer
    private let settings: InstallationSettings
    private let options: Options
    private let identity: any ServingIdentity
    /// `nil` where certificates come from outside.
    private let certificates: KeptIdentity?
    private let injector: Injector
    private let nativeSidecars: NativeSidecars
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    private let queue = ReconcileQueue<ReconcileKey>()
    let ledger = AcknowledgementLedger()
    private let hub: StreamHub
    private let identities: IdentityService
    private let loops: any EventLoopGroup
    private let authenticator: TokenAuthenticator
    private let replicaIdentity: ReplicaIdentity

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
        readiness = Readiness(state: state, identity: identity)
        hub = StreamHub(metrics: metrics)
        authenticator = TokenAuthenticator(server: server, metrics: metrics)
        replicaIdentity = ReplicaIdentity(token: options.token, authenticator: authenticator)
        self.server = server
        self.settings = settings
        self.options = options
        self.identity = identity
        injector = Injector(settings)
        nativeSidecars = NativeSidecars(options.nativeSidecars)
        self.logger = logger
        self.now = now
        loops = EventLoops.start(count: 1)
        identities = IdentityService(
            api: server, namespace: settings.namespace, connections: state, hub: hub, metrics: metrics,
            logger: logger, fetch: IssuerKeys.overNetwork(on: loops.next()), now: now)
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
        try await withThrowingTaskGroup { group in
            let leadership = Task { try await lead() }
            group.addTask { await watch.run() }
            group.addTask { await checkAccess() }
            group.addTask { await keepCertificates() }
            group.addTask { await identities.run() }
            group.addTask { [logger] in
                await nativeSidecars.run(server) { error in
                    logger.warning("versions of nodes are not known", metadata: ["error": "\(error)"])
                }
            }
            group.addTask { try await serveSecurely(isListening) }
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
            state: state, server: server, queue: queue, hub: hub, ledger: ledger, metrics: metrics,
            canWatchList: options.canWatchList, logger: logger)
    }

    // MARK: - Leading

    private func lead() async throws {
        let reconciler = Reconciler(
            state: state, server: server, settings: settings, identity: identity, ledger: ledger,
            injectionHash: injectionHash, metrics: metrics, logger: logger, now: now,
            again: { [queue] key, delay in queue.add([key], after: delay) })
        guard options.electsLeader else { return await work(reconciler) }
        let worker = Mutex<Task<Void, Never>?>(nil)
        let elector = LeaderElector(
            identity: options.identity,
            lease: ObjectKey(namespace: settings.namespace, name: "weir-operator"), of: server,
            timing: options.timing, clock: ContinuousClock(), wallTime: now)
        await elector.run {
            logger.notice("leading", metadata: ["identity": "\(options.identity)"])
            let task = Task { await work(reconciler) }
            worker.withLock { $0 = task }
        } stopLeading: {
            let task = worker.withLock { $0 }
            task?.cancel()
            await task?.value
            logger.notice("no longer leading")
        } report: { error in
            logger.warning("lease", metadata: ["error": "\(error)"])
        }
        guard !Task.isCancelled else { return }
        throw LeaseLost()
    }

    private var injectionHash: Reconciler.InjectionHash {
        { [injector] connections, image in
            var injector = injector
            injector.settings.sidecarImage = image
            return injector.injectionHash(for: connections)
        }
    }

    /// What only the leader does; returns when the task is cancelled and nothing is under way any more.
    private func work(_ reconciler: Reconciler) async {
        metrics.set(.isLeader, 1)
        queue.add(state.withView { $0.isSynced ? $0.allRequests : [] })
        let rollout = RolloutDriver(
            state: state, server: server, settings: settings, injectionHash: injectionHash,
            isWebhookHealthy: { [identity] in identity.obstacle == nil }, metrics: metrics, logger: logger)
        await withDiscardingTaskGroup { group in
            group.addTask { await rollout.run() }
            group.addTask { [queue] in await queue.run { try await reconciler.reconcile($0) } }
        }
        metrics.set(.isLeader, 0)
    }

    // MARK: - Serving

    private func serveSecurely(_ isListening: @escaping @Sendable (Int) async -> Void) async throws {
        let router = Router(context: BasicRequestContext.self)
        ConfigurationRoutes(
            state: state, authenticator: authenticator, hub: hub, ledger: ledger,
            authority: { [identities, state] pod in
                identities.authority(for: state.withView { $0.identitySources(of: pod) })
            }, metrics: metrics, now: now, acknowledged: acknowledged, heartbeat: options.heartbeat,
            logger: logger
        ).add(to: router)
        WriterRoutes(
            gate: GatewayGate(state: state, authenticator: authenticator, logger: logger), logger: logger
        ).add(to: router)
        ApprovalRoutes(
            gate: GatewayGate(state: state, authenticator: authenticator, logger: logger), server: server,
            now: now, logger: logger
        ).add(to: router)
        ReplicaRoutes(
            identity: replicaIdentity, ledger: ledger, heartbeat: options.heartbeat, logger: logger
        ).add(to: router)
        AdmissionRoutes(
            reviewer: AdmissionReviewer(injector: injector), lookup: state,
            nativeSidecars: { [nativeSidecars] in nativeSidecars.areSupported },
            decisions: DecisionReviewer(state: state, server: server, now: now)
        ).add(to: router)
        let exchange = TokenExchange(service: identities)
        TokenRoutes(exchange: exchange, metrics: metrics, logger: logger).add(to: router)
        let signingIn = SAMLService(identities, publicURL: options.publicURL) { [state] in
            state.withView { $0.usableConnections() }
        }
        SAMLRoutes(service: signingIn, metrics: metrics, logger: logger).add(to: router)
        let gate = AdministratorGate(api: server, namespace: settings.namespace, logger: logger)
        IdentityRoutes(service: identities, gate: gate).add(to: router)
        let gatewayGate = GatewayGate(state: state, authenticator: authenticator, logger: logger)
        IdentityUseRoutes(service: identities) { [state] request in
            guard let pod = gatewayGate.pod(of: try await gatewayGate.authenticate(request)) else {
                throw HTTPError(.forbidden, message: "this pod is not known")
            }
            return state.withView { $0.connectionNames(of: pod) }
        }.add(to: router)
        SCIMRoutes(service: identities, api: server, namespace: settings.namespace).add(to: router)
        try await servers.runSecure(router, isListening: isListening)
    }

    private var replicas: ReplicaListener {
        ReplicaListener(
            state: state, identity: replicaIdentity, serving: identity, ledger: ledger,
            serverName: "\(options.serviceName).\(settings.namespace).svc", port: options.addresses.port,
            metrics: metrics, acknowledged: acknowledged, logger: logger)
    }

    /// Something new is known of a pod's gateway.
    private var acknowledged: @Sendable (ObservedPod) -> Void {
        { [queue, state] pod in
            let keys = state.withView { view in
                view.connectionKeys(selecting: pod.labels, in: pod.key.namespace)
            }
            queue.add(keys.map { .connection($0) }, after: ReconcileDelay.counting)
        }
    }

    private func servePlainly() async throws {
        let router = Router(context: BasicRequestContext.self)
        HealthRoutes(readiness: readiness, metrics: metrics).add(to: router)
        try await servers.runPlain(router) { [logger] port in
            logger.notice("health is served", metadata: ["port": "\(port)"])
        }
    }

    private func keepCertificates() async {
        guard let certificates else { return }
        let keeper = CertificateKeeper(
            api: server, namespace: settings.namespace, serviceName: options.serviceName,
            sinkService: options.sinkService, logger: logger)
        await keeper.run(every: options.certificateInterval, now: now) { [queue, state] next in
            // Every snapshot holds whom gateways trust.
            let before = certificates.authorities()
            certificates.update(next)
            guard certificates.authorities() != before else { return }
            queue.add(state.withView { $0.isSynced ? $0.allRequests : [] })
        }
    }

    private var servers: OperatorServers {
        OperatorServers(addresses: options.addresses, identity: identity, logger: logger)
    }

    // MARK: - What it may do

    /// Between two looks at what the operator may do, which others change at any time.
    private static let accessCheckInterval = Duration.seconds(300)
    /// While something is missing: nobody is served till it is there.
    private static let missingAccessInterval = Duration.seconds(5)

    private func checkAccess() async {
        let check = AccessCheck(scopes: state.withView(\.scopes), namespace: settings.namespace)
        var told: [String] = []
        var wait = Self.accessCheckInterval
        while !Task.isCancelled {
            do throws(APIError) {
                let forbidden = try await check.forbidden(by: server)
                if forbidden != told, await tell(forbidden: forbidden) { told = forbidden }
                readiness.set(forbidden: forbidden)
                metrics.set(.forbidden, forbidden.count)
                for line in forbidden { logger.error("not allowed", metadata: ["what": "\(line)"]) }
                wait = forbidden.isEmpty ? Self.accessCheckInterval : Self.missingAccessInterval
            } catch {
                logger.warning("access cannot be checked", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: wait)
        }
    }

    /// An Event of the operator's own pod.
    /// - Returns: whether it was written, or there is nothing to write.
    private func tell(forbidden: [String]) async -> Bool {
        guard !forbidden.isEmpty else { return true }
        guard let own = await replicaIdentity.own() else { return false }
        let event = ResourceEvent(
            isWarning: true, reason: "Forbidden",
            message: "the operator is not allowed: \(forbidden.joined(separator: ", "))")
        let key = ObjectKey(namespace: own.namespace, name: own.pod)
        do {
            _ = try await server.answer(to: try event.request(about: .pods, key, uid: own.uid, at: now()))
            return true
        } catch {
            logger.warning("event not written", metadata: ["error": "\(error)"])
            return false
        }
    }
}
