import Admission
import Testing

/// What makes a running pod outdated, and what does not.
struct InjectionHashTests {
    private static let policy = """

        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: ids, namespace: clinic}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - {name: ssn, match: {columns: [ssn]}, action: ACTION}
        """

    private func hash(
        upstream: String = "{host: db}", spec: String = "{}", listen: String = "{port: 15432}",
        action: String? = nil
    ) -> String {
        let connection = """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: clinic, namespace: clinic}
            spec:
              protocol: postgres
              upstream: \(upstream)
              credentials: {type: SecretRef, secretRef: {name: clinic-db}}
              podSelector: {matchLabels: {app: clinic-api}}
              listen: \(listen)
              sidecar: \(spec)
            """
        let rest = action.map { Self.policy.replacing("ACTION", with: $0) } ?? ""
        return Samples.injector.injectionHash(for: [Samples.bound(connection + rest)])
    }

    @Test func `a policy, an address, a limit or a level of the log restarts no pod`() {
        let base = hash()
        #expect(hash(upstream: "{host: other, port: 5433, connectTimeout: 9s}") == base)
        #expect(hash(action: "{type: Redact}") == base)
        #expect(hash(spec: "{logLevel: debug, drainTimeout: 5s}") == base)
        #expect(base.utf8.count == 32)
    }

    @Test func `ports, variables, resources and volumes need another pod`() {
        let hashes = [
            hash(), hash(listen: "{port: 15433}"), hash(listen: "{env: {host: PGHOST}}"),
            hash(listen: "{env: {port: PGHOST}}"), hash(listen: "{unixSocketPath: /weir/a.sock}"),
            hash(listen: "{unixSocketPath: /weir/b.sock}"), hash(listen: "{containers: [api]}"),
            hash(spec: "{resources: {requests: {cpu: 60m}}}"), hash(spec: "{mode: Container}"),
            hash(spec: "{holdApplication: false}"),
            hash(upstream: "{host: db, tls: {caConfigMapRef: {name: ca}}}"),
            hash(action: "{type: Hash, hash: {keySecretRef: {name: keys, key: a}}}"),
            hash(action: "{type: Hash, hash: {keySecretRef: {name: keys, key: b}}}"),
        ]
        #expect(Set(hashes).count == hashes.count)
    }

    @Test func `an image needs another pod and a version of the operator does not`() {
        var settings = Samples.settings
        settings.version = "9.9.9"
        let base = Samples.injector.injectionHash(for: [Samples.clinic])
        #expect(Injector(settings).injectionHash(for: [Samples.clinic]) == base)
        settings.sidecarImage += "4"
        #expect(Injector(settings).injectionHash(for: [Samples.clinic]) != base)
    }

    @Test func `the order of connections does not count`() {
        let others = [Samples.clinic, Samples.connection("archive", port: 15_433)]
        #expect(
            Samples.injector.injectionHash(for: others)
                == Samples.injector.injectionHash(for: others.reversed()))
    }
}
