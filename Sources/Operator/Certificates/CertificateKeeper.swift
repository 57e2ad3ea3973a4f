import Cryptography
package import Kubernetes
package import Logging

/// Keeps this replica's certificate, and the trust in it, as ``CertificatePlan`` says: the authority in its Secret,
/// the certificate in memory, `caBundle` in the webhooks' configurations.
package actor CertificateKeeper {
    /// Of the Secret, which has to exist: it is patched by its name and never created.
    package static let secretName = "weir-operator-ca"
    package static let fieldManager = "weir-operator-ca"
    package static let mutatingConfiguration = "weir-injector"
    package static let validatingConfiguration = "weir-validator"

    /// Between two looks.
    package static let interval = Duration.seconds(60)
    /// After a look that failed.
    private static let retryInterval = Duration.seconds(5)
    /// How often another replica's write is taken for ours in one look. Ours.
    private static let conflictLimit = 4

    private let api: any APIServer
    private let secret: ObjectKey
    private let names: [String]
    private let logger: Logger
    private let sink: SinkCertificate?
    private var leaf: ServingLeaf?

    /// The certificate is for the Service of that name in the namespace, in which the Secret is, too; `sinkService` is
    /// the audit sink's there, where it gets its certificate from here.
    package init(
        api: any APIServer, namespace: String, serviceName: String, sinkService: String? = nil, logger: Logger
    ) {
        sink = sinkService.map { SinkCertificate(api: api, namespace: namespace, serviceName: $0) }
        self.api = api
        self.logger = logger
        secret = ObjectKey(namespace: namespace, name: Self.secretName)
        let name = "\(serviceName).\(namespace)"
        // `localhost`: for whoever comes by `kubectl port-forward`.
        names = ["\(name).svc", "\(name).svc.cluster.local", name, serviceName, "localhost"]
    }

    /// Looks until the task is cancelled, so often; `didChange` is called after each look that succeeded.
    package func run(
        every interval: Duration = interval, now: @escaping @Sendable () -> Timestamp,
        didChange: @escaping @Sendable (CertificateState) async -> Void
    ) async {
        while !Task.isCancelled {
            var pause = interval
            do {
                let state = try await look(at: now())
                await didChange(state)
                if !state.isTrusted { pause = min(pause, Self.retryInterval) }
            } catch {
                logger.warning("certificates are not looked after", metadata: ["error": "\(error)"])
                pause = Self.retryInterval
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Does what is due.
    /// - Throws: ``APIError`` about the Secret, and `CryptographyError`. That the webhooks' configurations cannot be
    ///   written shows in the state.
    package func look(at now: Timestamp) async throws -> CertificateState {
        let stored = try await authority(at: now)
        let bundle = stored.bundle(at: now)
        let isTrusted = await trust(bundle)
        if CertificatePlan(stored, leaf: leaf, at: now).issuesLeaf, let authority = stored.current {
            let isUsable = leaf?.isUsable(with: stored, at: now) ?? false
            // One that works is not given up for one that is not trusted yet.
            if isTrusted || !isUsable { leaf = try issue(by: authority, at: now) }
        }
        do { try await sink?.renew(by: stored, at: now) } catch {
            logger.warning("the sink's certificate is not written", metadata: ["error": "\(error)"])
        }
        return CertificateState(
            identity: leaf?.identity, validity: leaf?.validity(with: stored), bundle: bundle,
            isTrusted: isTrusted, time: now)
    }

    // MARK: - The authority

    /// The stored one, or a new one where that is due; replicas agree by whose write comes first.
    private func authority(at now: Timestamp) async throws -> StoredAuthority {
        var stored = try await read()
        for _ in 0..<Self.conflictLimit {
            guard CertificatePlan(stored, leaf: leaf, at: now).replacesAuthority else { break }
            stored = try await replace(stored, at: now)
        }
        return stored
    }

    private func read() async throws -> StoredAuthority {
        StoredAuthority(try await api.answer(to: try .get(Self.secrets, secret)))
    }

    /// What is stored then: ours, or another replica's.
    private func replace(_ stored: StoredAuthority, at now: Timestamp) async throws -> StoredAuthority {
        let next = try CertificateAuthority.make(
            commonName: "\(Self.secretName)-\(now.microseconds / 1_000_000)",
            validity: CertificatePlan.validity(for: CertificatePlan.Lifetime.authority, at: now))
        let patch = try APIRequest.patch(
            Self.secrets, secret, merging: stored.replacement(by: next.identity),
            WriteOptions(fieldManager: Self.fieldManager))
        let response = try await api.send(patch)
        if !response.isSuccess, APIFailure(response).kind == .conflict { return try await read() }
        let written = StoredAuthority(try response.json())
        logger.notice("a new certificate authority has been made")
        return written
    }

    private func issue(by authority: StoredAuthority.Authority, at now: Timestamp) throws -> ServingLeaf {
        let validity = CertificatePlan.validity(for: CertificatePlan.Lifetime.leaf, at: now)
        let identity = try authority.issuer.issue(names: names, validity: validity)
        return ServingLeaf(
            identity: identity, facts: try CertificateFacts(pem: identity.certificateChainPEM),
            authority: authority.facts.fingerprint)
    }

    // MARK: - Trust

    /// Has both configurations trust the bundle, and tells whether they do.
    private func trust(_ bundle: [UInt8]) async -> Bool {
        var isTrusted = true
        for (resource, name) in [
            (Self.mutating, Self.mutatingConfiguration), (Self.validating, Self.validatingConfiguration),
        ] {
            do { try await trust(bundle, resource, name) } catch {
                logger.warning(
                    "caBundle is not written", metadata: ["configuration": "\(name)", "error": "\(error)"])
                isTrusted = false
            }
        }
        return isTrusted
    }

    private func trust(_ bundle: [UInt8], _ resource: APIResource, _ name: String) async throws {
        let configuration = try await api.answer(to: try .get(resource, ObjectKey(name: name)))
        let text = JSON.string(Base64.encode(bundle))
        let webhooks = configuration["webhooks"]?.array ?? []
        if webhooks.allSatisfy({ $0["clientConfig", "caBundle"] == text }) { return }
        // All of them, for an apply gives up what it leaves out.
        let items = webhooks.compactMap { webhook -> JSON? in
            guard let name = webhook["name"] else { return nil }
            return ["name": name, "clientConfig": ["caBundle": text]]
        }
        let object: JSON = [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
            "metadata": ["name": .string(name)], "webhooks": .array(items),
        ]
        _ = try await api.answer(
            to: try .apply(resource, object, WriteOptions(fieldManager: Self.fieldManager)))
    }

    private static let secrets = APIResource(group: "", version: "v1", name: "secrets", kind: "Secret")
    private static let mutating = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", name: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)
    private static let validating = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", name: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration", isNamespaced: false)
}
