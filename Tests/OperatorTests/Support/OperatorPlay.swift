import ClusterModel
import ClusterServer
import Cryptography
import Foundation
import Kubernetes
import KubernetesClient
import Logging
import NIOPosix
import Synchronization

@testable import Admission
@testable import Operator

/// The API server over HTTPS with our kinds and what the chart installs, and operators that use it, all on this machine.
final class OperatorPlay: PlayedCluster, Sendable {
    static let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "gateway:1", sink: "http://sink:9440",
        configurationURL: "https://weir-operator.weir-system.svc:8443", version: "1.0.0")
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    let host: ClusterHost
    let api: CurlAPIServer
    let address: ClusterAddress
    private let authority: [UInt8]
    private let validates: Bool
    /// Ended with the play.
    private let operators = Mutex<[RunningOperator]>([])

    private init(host: ClusterHost, port: Int, authority: [UInt8], validates: Bool) throws {
        self.host = host
        self.validates = validates
        self.authority = authority
        address = try ClusterAddress("https://localhost:\(port)")
        api = CurlAPIServer(
            address,
            access: FixedAccess(Access(authorization: "Bearer admin", trust: .authorities(authority)))
        )
    }

    /// An API server's client of its own, as another process has it.
    func client(token: String = "admin", silence: Duration? = nil) -> CurlAPIServer {
        var limits = CurlAPIServer.Limits()
        if let silence { limits.silence = silence }
        let access = Access(authorization: "Bearer \(token)", trust: .authorities(authority))
        return CurlAPIServer(address, access: FixedAccess(access), limits: limits)
    }

    /// Runs `body` against a cluster of its own; where nothing is validated, webhooks are not asked.
    static func run(
        validates: Bool = true, bookmarkInterval: Duration = .seconds(60),
        _ body: @escaping @Sendable (OperatorPlay) async throws -> Void
    ) async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.make(commonName: "cluster", validity: now - 60...now + 3600)
        let server = ClusterServer(
            identity: try authority.issue(names: ["localhost"], validity: now - 60...now + 3600),
            token: "admin", bookmarkInterval: bookmarkInterval, logger: logger)
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await server.run { listening.yield($0) }
                return false
            }
            group.addTask {
                for await port in ports {
                    let play = try OperatorPlay(
                        host: server.host, port: port, authority: authority.identity.certificateChainPEM,
                        validates: validates)
                    try await play.install()
                    let result = await Result { try await body(play) }
                    for started in play.operators.withLock({ $0 }) { await started.kill() }
                    try result.get()
                    break
                }
                return true
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    private func install() async throws {
        try await ClusterPlay.define(in: api)
        try await api.installWebhooks(validates: validates)
        for (name, labels) in [("clinic", ["phi": "true"]), ("shop", [:])] {
            try await create(
                .namespaces,
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(name), "labels": JSON(labels)],
                ])
        }
        for (namespace, name) in [
            ("weir-system", "weir-operator"), ("clinic", "default"), ("shop", "default"),
        ] {
            try await create(
                Self.serviceAccounts,
                [
                    "apiVersion": "v1", "kind": "ServiceAccount",
                    "metadata": ["namespace": .string(namespace), "name": .string(name)],
                ])
        }
    }

    private static let serviceAccounts = APIResource(
        group: "", version: "v1", name: "serviceaccounts", kind: "ServiceAccount")

    /// Starts a replica and waits until it is ready; webhooks are asked of the one that was started last. One that
    /// lacks something is not waited for.
    func start(_ number: Int, _ lack: RunningOperator.Lack? = nil, silence: Duration? = nil) async throws
        -> RunningOperator
    {
        let started = try await RunningOperator.start(number, in: self, lack, silence: silence)
        operators.withLock { $0.append(started) }
        if validates { reachWebhooks(at: "https://\(started.address):\(RunningOperator.port)") }
        if lack == nil {
            try await eventually("it is ready") { started.plane.readiness.obstacles.isEmpty }
        }
        return started
    }

    /// Nobody is there without an address.
    func reachWebhooks(at address: String?) {
        host.change { cluster, _ in
            cluster.serviceAddresses = address.map { ["weir-system/weir-operator:443": $0] } ?? [:]
        }
    }

    // MARK: - The cluster

    func status(_ name: String = "clinic") async throws -> JSON {
        try await get(.databaseConnections, "clinic", name)["status"] ?? [:]
    }

    /// A pod's token for gateways' audience; of the account alone without a pod, for the API server without an audience.
    func token(
        of pod: String?, in namespace: String, account: String, audience: String? = "weir"
    ) async throws -> String {
        let path = ["api", "v1", "namespaces", namespace, "serviceaccounts", account, "token"]
        var body: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]]
        if let audience { body["spec", "audiences"] = [.string(audience)] }
        if let pod { body["spec", "boundObjectRef"] = ["kind": "Pod", "name": .string(pod)] }
        let call = Call(
            method: "POST", path: path, query: [:], contentType: "application/json", body: body.rendered)
        guard case .response(let response) = host.answer(call) else { return "" }
        return try JSON(parsing: response.body)["status", "token"]?.string ?? ""
    }
}

/// Waits until it is so; what it throws counts as not yet.
func eventually(
    within limit: Duration = .seconds(120), _ what: String, _ isSo: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if (try? await isSo()) == true { return }
        try await Task.sleep(for: .milliseconds(30))
    }
    throw NotSo(what: what)
}

struct NotSo: Error, CustomStringConvertible {
    var what: String

    var description: String { "it did not come to be that \(what)" }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
