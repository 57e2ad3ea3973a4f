import Admission
import AdmissionServer
import ClusterModel
import ClusterServer
import Cryptography
import Foundation
import Kubernetes
import KubernetesClient
import Logging
import Manifests
import NIOCore
import NIOPosix
import Networking
import Operator
import Testing

/// Pods created through an API server that asks the webhook over TLS.
@Suite(.timeLimit(.minutes(5)))
struct AdmissionServerTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func identity(_ authority: CertificateAuthority) throws -> TLSContext.Identity {
        let now = Int64(Date().timeIntervalSince1970)
        return try authority.issue(names: ["localhost"], validity: now - 60...now + 3600)
    }

    private static func authority() throws -> CertificateAuthority {
        let now = Int64(Date().timeIntervalSince1970)
        return try CertificateAuthority.make(commonName: "cluster", validity: now - 60...now + 3600)
    }

    /// An API server with the chart's webhooks, trusting what the keeper of certificates made, and the webhook.
    private static func withCluster(
        _ connections: [BoundConnection]? = [Samples.clinic], isWebhookUp: Bool = true,
        _ body: @escaping @Sendable (_ api: CurlAPIServer, _ host: ClusterHost) async throws -> Void
    ) async throws {
        let authority = try authority()
        let server = ClusterServer(identity: try identity(authority), token: "admin", logger: logger)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await server.run { continuation.yield($0) }
                return false
            }
            group.addTask {
                for await port in ports {
                    let access = Access(
                        authorization: "Bearer admin",
                        trust: .authorities(authority.identity.certificateChainPEM))
                    let api = CurlAPIServer(
                        try ClusterAddress("https://localhost:\(port)"), access: FixedAccess(access))
                    try await install(api, isWebhookUp: isWebhookUp, connections, server.host, body)
                    return true
                }
                return true
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    private static func install(
        _ api: CurlAPIServer, isWebhookUp: Bool, _ connections: [BoundConnection]?, _ host: ClusterHost,
        _ body: @escaping @Sendable (_ api: CurlAPIServer, _ host: ClusterHost) async throws -> Void
    ) async throws {
        try await api.installWebhooks()
        for (name, labels) in [("clinic", ["weir.dev/inject": "enabled"]), ("other", [:])] {
            try await api.create(
                "", "v1", "namespaces",
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(name), "labels": JSON(labels)],
                ])
        }
        let keeper = CertificateKeeper(
            api: api, namespace: "weir-system", serviceName: "weir-operator", logger: logger)
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let state = try await keeper.look(at: now)
        let leaf = try #require(state.identity)
        #expect(state.isReady(at: now))
        guard isWebhookUp else { return try await body(api, host) }
        try await withAdmissionServer(Samples.injector, identity: leaf, connections: connections) { port in
            host.change { cluster, _ in
                cluster.serviceAddresses = ["weir-system/weir-operator:443": "https://127.0.0.1:\(port)"]
            }
            try await body(api, host)
        }
    }

    private static func create(
        _ api: CurlAPIServer, namespace: String = "clinic", labels: [String: String] = ["app": "clinic-api"],
        spec: String = "{}", isDryRun: Bool = false
    ) async throws -> APIResponse {
        var pod = Samples.pod(labels: labels, spec: spec)
        pod["metadata", "namespace"] = .string(namespace)
        return try await api.send(
            try .create(.pods, pod, WriteOptions(fieldManager: "kubectl", isDryRun: isDryRun)))
    }

    @Test func `a pod of a namespace that opts in gets its gateway`() async throws {
        try await Self.withCluster { api, _ in
            let pod = try await Self.create(api).json()
            #expect(pod["spec", "initContainers"]?.names == ["weir-gateway"])
            #expect(pod["metadata", "annotations", "weir.dev/connections"] == "clinic")
        }
    }

    @Test func `elsewhere a pod opts in by its own label`() async throws {
        try await Self.withCluster { api, _ in
            let labels = ["app": "clinic-api", "weir.dev/inject": "enabled"]
            let pod = try await Self.create(api, namespace: "other", labels: labels).json()
            #expect(pod["spec", "initContainers"]?.names == ["weir-gateway"])
        }
        try await Self.withCluster { api, _ in
            let pod = try await Self.create(api, namespace: "other").json()
            #expect(pod["spec", "initContainers"] == nil)
        }
    }

    @Test func `a dry run answers the same and stores nothing`() async throws {
        try await Self.withCluster { api, _ in
            let pod = try await Self.create(api, isDryRun: true).json()
            #expect(pod["spec", "initContainers"]?.names == ["weir-gateway"])
            let list = try await api.answer(to: .list(.pods, Selection(namespace: "clinic")))
            #expect(list["items"] == [])
        }
    }

    @Test func `warnings and denials reach whoever creates the pod`() async throws {
        try await Self.withCluster { api, _ in
            let denied = try await Self.create(
                api, spec: #"{"shareProcessNamespace": true, "securityContext": {"runAsUser": 15432}}"#)
            #expect(denied.status == 403)
            let message = try JSON(parsing: denied.body)["message"]?.string ?? ""
            #expect(message.contains("container api sees the gateway's process"), "\(message)")
            let warned = try await Self.create(api, labels: ["app": "x"])
            #expect(
                warned.warnings == [
                    "no DatabaseConnection of namespace clinic selects this pod: it gets no gateway"
                ])
        }
    }

    @Test func `while nobody answers, no pod of such a namespace is created`() async throws {
        try await Self.withCluster(isWebhookUp: false) { api, _ in
            let refused = try await Self.create(api)
            #expect(refused.status == 500)
            #expect(try await Self.create(api, namespace: "other").status == 201)
        }
    }

    @Test func `before the connections are known a pod is refused for now`() async throws {
        try await Self.withCluster(nil) { api, _ in
            let refused = try await Self.create(api)
            #expect(refused.status == 503)
        }
    }

    @Test func `a body over the limit is refused before it is read`() async throws {
        let authority = try Self.authority()
        let identity = try Self.identity(authority)
        try await withAdmissionServer(Samples.injector, identity: identity, connections: []) { port in
            let client = try HTTPClient(
                baseURL: try BaseURL("https://localhost:\(port)"),
                certificateAuthoritiesPEM: authority.identity.certificateChainPEM,
                on: MultiThreadedEventLoopGroup.singleton.next())
            let body = [UInt8](repeating: 0x20, count: (7 << 20) + 1)
            let status = try? await client.send(HTTPRequest(method: .post, path: "/inject", body: body))
                .status
            await client.close()
            #expect(status == 413 || status == nil)
        }
    }

    @Test func `a review that finds no room is one that the API server sends again`() async throws {
        let authority = try Self.authority()
        let identity = try Self.identity(authority)
        try await withAdmissionServer(Samples.injector, identity: identity, connections: [], room: 1) {
            port in
            let client = try HTTPClient(
                baseURL: try BaseURL("https://localhost:\(port)"),
                certificateAuthoritiesPEM: authority.identity.certificateChainPEM,
                on: MultiThreadedEventLoopGroup.singleton.next())
            let answer = try? await client.send(
                HTTPRequest(method: .post, path: "/inject", body: Array("{}".utf8)))
            await client.close()
            #expect(answer?.status == 503)
            #expect(answer?.headers["retry-after"] == "1")
        }
    }

    /// The API server sends a body at once; others hold what it takes as long as they are let.
    @Test func `a body that does not come is given up after five seconds`() async throws {
        let authority = try Self.authority()
        let identity = try Self.identity(authority)
        let context = try TLSContext.client(
            verification: .full(serverName: "localhost"),
            certificateAuthoritiesPEM: authority.identity.certificateChainPEM,
            applicationProtocol: "http/1.1")
        let head = "POST /inject HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
        try await withAdmissionServer(Samples.injector, identity: identity, connections: []) { port in
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let told = loop.makePromise(of: String.self)
            let endpoint = Endpoint.tcp(host: "127.0.0.1", port: UInt16(port))
            let start = ContinuousClock.now
            let channel = try await Connector.connect(
                to: endpoint, on: loop, timeout: .minutes(1)
            ) { channel in
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(TLSHandler(context: context))
                try pipeline.addHandler(HeadReader(told))
                channel.writeAndFlush(ByteBuffer(string: head + "{"), promise: nil)
            }.get()
            let answer = try await told.futureResult.get()
            let time = ContinuousClock.now - start
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            // Not after the 30 s that a review may take.
            #expect(time >= .seconds(5))
            #expect(time < .seconds(25))
            try? await channel.close()
        }
    }
}

/// Keeps what comes up to the end of a response's head, or of the connection.
private final class HeadReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let told: EventLoopPromise<String>
    private var text = ""

    init(_ told: EventLoopPromise<String>) {
        self.told = told
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        if text.contains("\r\n\r\n") { told.succeed(text) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        told.succeed(text)
    }
}

/// A connection for pods labelled `app: clinic-api`, and such pods.
private enum Samples {
    static let injector = Injector(
        InstallationSettings(
            namespace: "weir-system", sidecarImage: "registry.example/weir-gateway@sha256:0123",
            sink: "http://weir-audit-sink.weir-system.svc:9440",
            configurationURL: "https://weir-operator.weir-system.svc:8443", version: "0.1.0"))

    static let clinic: BoundConnection = {
        let text = """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: clinic}
            spec:
              protocol: postgres
              upstream: {host: db.internal, database: clinic}
              credentials: {type: SecretRef, secretRef: {name: clinic-db}}
              podSelector: {matchLabels: {app: clinic-api}}
            """
        do {
            let files = [ManifestFile(path: "clinic.yaml", bytes: Array(text.utf8))]
            return BoundConnection(connection: try ManifestSet.read(files).connections[0])
        } catch {
            fatalError("\(error)")
        }
    }()

    static func pod(labels: [String: String], spec: String) -> JSON {
        do {
            var pod: JSON = [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "clinic-api-0"],
                "spec": try JSON(parsing: Array(spec.utf8)),
            ]
            pod["metadata", "labels"] = JSON(labels)
            pod["spec", "containers"] = [["name": "api", "image": "clinic-api:1"]]
            return pod
        } catch {
            fatalError("\(error)")
        }
    }
}
