import Cryptography
import Kubernetes

/// The certificate of the audit sink: the operator keeps it in a Secret, from which kubelet hands it to the sink.
///
///     tls.crt, tls.key   the certificate and its key
///     ca.crt             whom to trust to be the operator
struct SinkCertificate: Sendable {
    /// Of the Secret, which has to exist: it is patched by its name and never created.
    static let secretName = "weir-audit-sink-tls"

    private let api: any APIServer
    private let secret: ObjectKey
    private let names: [String]

    /// The certificate is for the Service of that name in the namespace, and for the machine itself, to which people
    /// forward the sink's port.
    init(api: any APIServer, namespace: String, serviceName: String) {
        self.api = api
        secret = ObjectKey(namespace: namespace, name: Self.secretName)
        let name = "\(serviceName).\(namespace)"
        names = ["\(name).svc", "\(name).svc.cluster.local", name, serviceName, "localhost"]
    }

    /// Writes what is due; replicas agree by whose write comes first.
    func renew(by stored: StoredAuthority, at now: Timestamp) async throws {
        guard let authority = stored.current else { return }
        let object = try await api.answer(to: try .get(.secrets, secret))
        func bytes(_ key: String) -> [UInt8] {
            object["data", key]?.string.flatMap { Base64.decode($0) } ?? []
        }
        var data: [String: String] = [:]
        let bundle = stored.bundle(at: now)
        if bytes("ca.crt") != bundle { data["ca.crt"] = Base64.encode(bundle) }
        if isDue(bytes("tls.crt"), of: authority, in: stored, at: now) || bytes("tls.key").isEmpty {
            let validity = CertificatePlan.validity(for: CertificatePlan.Lifetime.leaf, at: now)
            let identity = try authority.issuer.issue(names: names, validity: validity)
            data["tls.crt"] = Base64.encode(identity.certificateChainPEM)
            data["tls.key"] = Base64.encode(identity.privateKeyPEM)
        }
        guard !data.isEmpty else { return }
        let patch: JSON = [
            "metadata": [
                "uid": object["metadata", "uid"] ?? "",
                "resourceVersion": object["metadata", "resourceVersion"] ?? "",
            ],
            "data": JSON(data),
        ]
        let options = WriteOptions(fieldManager: CertificateKeeper.fieldManager)
        let response = try await api.send(try .patch(.secrets, secret, merging: patch, options))
        if !response.isSuccess, APIFailure(response).kind != .conflict { _ = try response.json() }
    }

    /// As for the operator's own: a new authority signs once pods can know it, or where nothing else is of use.
    private func isDue(
        _ certificate: [UInt8], of authority: StoredAuthority.Authority, in stored: StoredAuthority,
        at now: Timestamp
    ) -> Bool {
        guard let facts = try? CertificateFacts(pem: certificate), facts.isValid(at: now) else { return true }
        let isCurrent = CertificateAuthority.isIssuer(authority.certificate, of: certificate)
        let isKnown =
            isCurrent
            || stored.previous.contains {
                $0.facts.isValid(at: now) && CertificateAuthority.isIssuer($0.certificate, of: certificate)
            }
        guard isKnown else { return true }
        let isSettled = now >= authority.start + CertificatePlan.Lifetime.propagation
        return isSettled && (!isCurrent || now >= CertificatePlan.Lifetime.renewal(of: facts.validity))
    }
}
