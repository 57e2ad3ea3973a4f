import ClusterModel
import Cryptography
import Kubernetes
import Logging
import Operator
import Synchronization
import Testing

/// Certificates over a year, on a clock that is moved by hand.
struct CertificateKeeperTests {
    private let api = HostAPI()
    private static let start = Timestamp(microseconds: 1_790_000_000_000_000)

    private func keeper() -> CertificateKeeper {
        CertificateKeeper(
            api: api, namespace: "weir-system", serviceName: "weir-operator",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static func at(days: Double) -> Timestamp {
        Timestamp(microseconds: start.microseconds + Int64(days * 86_400_000_000))
    }

    /// The authorities that a webhook's configuration trusts, as PEM.
    private func trusted() async throws -> [String] {
        var bundles: [String] = []
        for (name, configuration) in [
            ("mutatingwebhookconfigurations", "weir-injector"),
            ("validatingwebhookconfigurations", "weir-validator"),
        ] {
            let object = try await api.get(
                "admissionregistration.k8s.io", "v1", name, ObjectKey(name: configuration))
            for webhook in object["webhooks"]?.array ?? [] {
                bundles.append(webhook["clientConfig", "caBundle"]?.string ?? "")
            }
        }
        return bundles
    }

    private func trustedCertificates() async throws -> Int {
        let bundles = try await trusted()
        #expect(bundles.count == 3 && Set(bundles).count == 1)
        let text = String(decoding: Base64.decode(bundles[0]) ?? [], as: UTF8.self)
        return text.split(separator: "-----BEGIN").count
    }

    @Test func `the first look makes an authority, has it trusted and shows a certificate`() async throws {
        try await api.installWebhooks()
        let state = try await keeper().look(at: Self.start)
        #expect(state.isReady(at: Self.start) && !state.isReady(at: Self.at(days: 8)))
        #expect(try await trusted() == Array(repeating: Base64.encode(state.bundle), count: 3))
        let leaf = try #require(state.identity)
        #expect(CertificateAuthority.isIssuer(state.bundle, of: leaf.certificateChainPEM))
    }

    @Test func `what else stands in the configurations stays, under its own manager`() async throws {
        try await api.installWebhooks()
        _ = try await keeper().look(at: Self.start)
        let object = try await api.get(
            "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations",
            ObjectKey(name: "weir-injector"))
        let webhook = try #require(object["webhooks"]?.named("pods.injector.weir.dev"))
        #expect(webhook["clientConfig", "service", "path"] == "/inject" && webhook["failurePolicy"] == "Fail")
        let managers = (object["metadata", "managedFields"]?.array ?? []).map { $0["manager"]?.string ?? "" }
        #expect(Set(managers) == ["helm", "weir-operator-ca"])
    }

    @Test func `another look writes nothing and shows the same`() async throws {
        try await api.installWebhooks()
        let keeper = keeper()
        let first = try await keeper.look(at: Self.start)
        let writes = api.writeCount
        let second = try await keeper.look(at: Self.at(days: 4))
        #expect(api.writeCount == writes)
        #expect(second.identity?.certificateChainPEM == first.identity?.certificateChainPEM)
    }

    /// The chart's Secret for the audit sink, and what a keeper that looks after it has put there by then.
    private func sinkCertificates(at days: [Double]) async throws -> [(leaf: [UInt8], authorities: [UInt8])] {
        try await api.installWebhooks()
        var secret = Chart.secret
        secret["metadata", "name"] = "weir-audit-sink-tls"
        try await api.create("", "v1", "secrets", secret)
        let keeper = CertificateKeeper(
            api: api, namespace: "weir-system", serviceName: "weir-operator", sinkService: "weir-audit-sink",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var found: [(leaf: [UInt8], authorities: [UInt8])] = []
        for day in days {
            _ = try await keeper.look(at: Self.at(days: day))
            let data = try await api.get(
                "", "v1", "secrets", ObjectKey(namespace: "weir-system", name: "weir-audit-sink-tls"))["data"]
            func bytes(_ key: String) -> [UInt8] { data?[key]?.string.flatMap { Base64.decode($0) } ?? [] }
            #expect(!bytes("tls.key").isEmpty)
            found.append((bytes("tls.crt"), bytes("ca.crt")))
        }
        return found
    }

    @Test func `the audit sink's certificate is kept as the operator's own is`() async throws {
        let found = try await sinkCertificates(at: [0, 4.6, 4.7, 243, 243.5, 243.51])
        #expect(found[0].leaf == found[1].leaf && found[1].leaf != found[2].leaf)
        for (leaf, authorities) in found[..<4] {
            #expect(CertificateAuthority.isIssuer(authorities, of: leaf))
        }
        // Another authority: known first, and then shown.
        #expect(found[4].authorities != found[3].authorities && found[4].leaf == found[3].leaf)
        #expect(found[5].authorities == found[4].authorities && found[5].leaf != found[4].leaf)
    }

    @Test func `two replicas have one authority and two certificates`() async throws {
        try await api.installWebhooks()
        async let one = keeper().look(at: Self.start)
        async let two = keeper().look(at: Self.start)
        let states = try await [one, two]
        #expect(states[0].bundle == states[1].bundle)
        #expect(states[0].identity?.certificateChainPEM != states[1].identity?.certificateChainPEM)
    }

    @Test func `a certificate is renewed when two thirds of its life are over`() async throws {
        try await api.installWebhooks()
        let keeper = keeper()
        let first = try await keeper.look(at: Self.start)
        #expect(
            try await keeper.look(at: Self.at(days: 4.6)).identity?.privateKeyPEM
                == first.identity?.privateKeyPEM)
        let second = try await keeper.look(at: Self.at(days: 4.7))
        #expect(second.identity?.privateKeyPEM != first.identity?.privateKeyPEM)
        #expect(second.bundle == first.bundle)
    }

    @Test func `an authority is replaced in an order that keeps every client able to call`() async throws {
        try await api.installWebhooks()
        let (one, two) = (keeper(), keeper())
        let old = try await one.look(at: Self.at(days: 0)).bundle
        // Two thirds of its year are over.
        let before = try await one.look(at: Self.at(days: 243.1))
        #expect(before.bundle == old)
        _ = try await two.look(at: Self.at(days: 243.2))

        let turn = try await one.look(at: Self.at(days: 243.5))
        #expect(turn.bundle != old && turn.bundle.suffix(old.count) == old[...])
        #expect(try await trustedCertificates() == 2)
        // Pods do not know the new one yet.
        #expect(turn.identity?.privateKeyPEM == before.identity?.privateKeyPEM)

        let settled = try await one.look(at: Self.at(days: 243.51))
        let leaf = try #require(settled.identity)
        #expect(leaf.privateKeyPEM != before.identity?.privateKeyPEM)
        #expect(CertificateAuthority.isIssuer(settled.bundle, of: leaf.certificateChainPEM))

        // The other replica may show what the old one signed until that expires.
        #expect(try await two.look(at: Self.at(days: 250.4)).bundle == turn.bundle)
        #expect(try await two.look(at: Self.at(days: 250.6)).bundle != turn.bundle)
        #expect(try await trustedCertificates() == 1)
    }

    @Test func `a replica that starts during a replacement shows what is signed by the new one`() async throws
    {
        try await api.installWebhooks()
        _ = try await keeper().look(at: Self.start)
        _ = try await keeper().look(at: Self.at(days: 243.5))
        let late = try await keeper().look(at: Self.at(days: 243.501))
        let leaf = try #require(late.identity)
        #expect(late.isReady(at: Self.at(days: 243.501)))
        #expect(CertificateAuthority.isIssuer(late.bundle, of: leaf.certificateChainPEM))
    }

    @Test func `an authority from a clock that ran ahead is replaced once the clock is right`() async throws {
        try await api.installWebhooks()
        let (running, right) = (keeper(), Self.at(days: 0.01))
        _ = try await running.look(at: Self.start)
        let ahead = try await running.look(at: Self.at(days: 300))
        #expect(ahead.isReady(at: Self.at(days: 300)) && !ahead.isReady(at: right))
        // The process that was there, and one that starts now.
        for keeper in [running, keeper()] {
            let state = try await keeper.look(at: right)
            let leaf = try #require(state.identity)
            #expect(state.isReady(at: right))
            let authority = try CertificateFacts(pem: state.bundle)
            #expect(authority.validity.contains(right.microseconds / 1_000_000))
            #expect(CertificateAuthority.isIssuer(state.bundle, of: leaf.certificateChainPEM))
        }
        // And the first, of which gateways may still have seen a certificate.
        #expect(try await trustedCertificates() == 2)
    }

    @Test func `what a clock that is wrong by less than a day has made stays`() async throws {
        try await api.installWebhooks()
        let running = keeper()
        let ahead = try await running.look(at: Self.at(days: 0.9))
        for keeper in [running, keeper()] {
            let state = try await keeper.look(at: Self.start)
            #expect(state.isReady(at: Self.start) && state.bundle == ahead.bundle)
        }
    }

    @Test func `the audit sink's certificate from a clock that ran ahead is replaced as well`() async throws {
        let found = try await sinkCertificates(at: [0, 300, 0.01])
        let now = Self.at(days: 0.01).microseconds / 1_000_000
        #expect(try CertificateFacts(pem: found[2].leaf).validity.contains(now))
        #expect(try CertificateFacts(pem: found[2].authorities).validity.contains(now))
        #expect(CertificateAuthority.isIssuer(found[2].authorities, of: found[2].leaf))
    }

    @Test func `a certificate that is not valid is no readiness, also when nobody can look`() throws {
        let leaf = TLSContext.Identity(certificateChainPEM: [], privateKeyPEM: [])
        let seconds = Self.start.microseconds / 1_000_000
        let elapsed = Mutex(Duration.zero)
        let begin = ContinuousClock.now
        let identity = KeptIdentity(steady: { begin + elapsed.withLock { $0 } })
        #expect(identity.obstacle == "there is no certificate yet")
        identity.update(
            CertificateState(
                identity: leaf, validity: seconds...seconds + 60, isTrusted: false, time: Self.start))
        #expect(identity.obstacle == "the API server does not trust the webhook's certificate yet")
        for (validity, isReady) in [
            (seconds...seconds + 60, true), (seconds + 1...seconds + 60, false),
            (seconds - 9...seconds - 1, false),
        ] {
            identity.update(
                CertificateState(
                    identity: leaf, validity: validity, isTrusted: true, time: Self.start))
            #expect((identity.obstacle == nil) == isReady)
        }
        identity.update(
            CertificateState(
                identity: leaf, validity: seconds...seconds + 60, isTrusted: true, time: Self.start))
        elapsed.withLock { $0 = .seconds(61) }
        #expect(identity.obstacle == "the certificate or its authority is not valid now")
    }

    @Test func `an authority that somebody has taken away is made anew, and at once`() async throws {
        try await api.installWebhooks()
        let keeper = keeper()
        let first = try await keeper.look(at: Self.start)
        let secret = APIResource(group: "", version: "v1", name: "secrets", kind: "Secret")
        let key = ObjectKey(namespace: "weir-system", name: "weir-operator-ca")
        _ = try await api.answer(
            to: try .patch(secret, key, merging: ["data": .null], WriteOptions(fieldManager: "kubectl")))
        let second = try await keeper.look(at: Self.at(days: 1))
        let leaf = try #require(second.identity)
        #expect(second.bundle != first.bundle)
        #expect(CertificateAuthority.isIssuer(second.bundle, of: leaf.certificateChainPEM))
    }

    @Test func `without configurations there is a certificate, and no readiness`() async throws {
        try await api.create("", "v1", "namespaces", Chart.namespace)
        try await api.create("", "v1", "secrets", Chart.secret)
        let state = try await keeper().look(at: Self.start)
        #expect(state.identity != nil && !state.isReady(at: Self.start))
    }

    @Test func `without its Secret there is nothing`() async throws {
        await #expect(throws: APIError.self) { try await keeper().look(at: Self.start) }
    }
}
