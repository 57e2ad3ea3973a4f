import API
import Admission
import Hummingbird
import Kubernetes
import Logging
import Shipping

extension ControlPlane {
    func serveSecurely(
        recordingIn log: OperatorLog?, _ isListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let router = Router(context: ClientContext.self)
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
            identity: replicaIdentity, ledger: ledger, identities: identities, heartbeat: options.heartbeat,
            logger: logger
        ).add(to: router)
        AdmissionRoutes(
            reviewer: AdmissionReviewer(injector: injector), lookup: state,
            nativeSidecars: { [nativeSidecars] in nativeSidecars.areSupported },
            decisions: DecisionReviewer(state: state, server: server, account: account, now: now),
            expectRemoval: { [state, removals] removal in
                let kind = WatchedKind.allCases.first { $0.resource.kind == removal.kind.rawValue }
                let known = kind.flatMap { kind in state.withView { $0.object(kind, removal.key) } }
                removals.expect(removal, of: known)
            }
        ).add(to: router)
        let exchange = TokenExchange(service: identities)
        TokenRoutes(exchange: exchange, log: log, metrics: metrics, logger: logger)
            .add(to: router)
        let signingIn = SAMLService(identities, publicURL: options.publicURL) { [state] in
            state.withView { $0.usableConnections() }
        }
        SAMLRoutes(service: signingIn, log: log, metrics: metrics, logger: logger)
            .add(to: router)
        let gate = AdministratorGate(api: server, namespace: settings.namespace, logger: logger)
        let record: IdentityRoutes.Record = { await log?.note(change: $0) }
        IdentityRoutes(service: identities, gate: gate, record: record).add(to: router)
        let gatewayGate = GatewayGate(state: state, authenticator: authenticator, logger: logger)
        IdentityUseRoutes(service: identities) { [state] request in
            guard let pod = gatewayGate.pod(of: try await gatewayGate.authenticate(request)) else {
                throw HTTPError(.forbidden, message: "this pod is not known")
            }
            return state.withView { $0.connectionNames(of: pod) }
        }.add(to: router)
        SCIMRoutes(service: identities, api: server, namespace: settings.namespace, record: record)
            .add(to: router)
        try await servers.runSecure(router, isListening: isListening)
    }

    private struct Uncertified: Error, CustomStringConvertible {
        var description: String { "there are no authorities to trust yet" }
    }

    /// The audit sink as gateways reach it; its certificate is the operator's own, where it has one of it.
    var sink: SinkAddress {
        SinkAddress(url: settings.sink) { [settings, identity] in
            guard settings.isSinkCertified else { return nil }
            guard let authorities = identity.authorities() else { throw Uncertified() }
            return authorities
        } authorization: { [options] in
            options.token().map { ("Authorization", "Bearer \($0)") }
        }
    }

    var replicas: ReplicaListener {
        ReplicaListener(
            state: state, identity: replicaIdentity, serving: identity, ledger: ledger,
            serverName: "\(options.serviceName).\(settings.namespace).svc", port: options.addresses.port,
            metrics: metrics, acknowledged: acknowledged, identities: identities, logger: logger)
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

    func servePlainly() async throws {
        let router = Router(context: ClientContext.self)
        HealthRoutes(readiness: readiness, metrics: metrics).add(to: router)
        try await servers.runPlain(router) { [logger] port in
            logger.notice("health is served", metadata: ["port": "\(port)"])
        }
    }

    func keepCertificates() async {
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
}
