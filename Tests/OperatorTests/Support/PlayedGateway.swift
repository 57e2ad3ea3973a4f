import Foundation
import Kubernetes
import NIOCore
import NIOPosix
import Networking

@testable import Admission
@testable import Operator

/// A gateway as far as an operator sees it: it opens the configuration stream and acknowledges.
final class PlayedGateway {
    let client: HTTPClient
    var headers: [(name: String, value: String)]
    private var stream: HTTPStream?
    private var decoder = LineDecoder()

    /// `authority` is what the pod's snapshot says, PEM.
    init(to replica: RunningOperator, token: String, authority: String) throws {
        client = try HTTPClient(
            baseURL: try BaseURL("https://\(replica.address):\(RunningOperator.port)"),
            certificateAuthoritiesPEM: Array(authority.utf8), serverName: "weir-operator.weir-system.svc",
            on: MultiThreadedEventLoopGroup.singleton.next())
        headers = [("Authorization", "Bearer \(token)")]
    }

    /// - Returns: the status.
    func open() async throws -> Int {
        let stream = try await client.open(
            HTTPRequest(path: "/v1/configuration", headers: headers), silenceLimit: .seconds(30))
        decoder = LineDecoder()
        self.stream = stream
        return stream.status
    }

    /// The next line; `nil` at the end of the stream.
    func line() async throws -> JSON? {
        while true {
            if let line = try decoder.next() { return try JSON(parsing: line) }
            guard let piece = try await stream?.next() else { return nil }
            decoder.append(piece)
        }
    }

    /// The revision of the next configuration; heartbeats are passed over.
    func revision() async throws -> String? {
        while let line = try await line() {
            if line["type"]?.string == "Configuration" { return line["revision"]?.string }
        }
        return nil
    }

    /// - Returns: the status.
    @discardableResult
    func acknowledge(_ revision: String, faults: [String] = []) async throws -> Int {
        let body = Acknowledgement(revision: revision, faults: faults).json.rendered
        return try await post(body)
    }

    func post(_ body: [UInt8]) async throws -> Int {
        try await client.send(
            HTTPRequest(
                method: .post, path: "/v1/configuration/acknowledgement", headers: headers, body: body)
        ).status
    }

    func close() async {
        stream?.close()
        await client.close()
    }
}

extension OperatorPlay {
    /// A gateway in a pod of the namespace clinic, at a replica. The snapshot must be there.
    func gateway(of pod: String, at replica: RunningOperator) async throws -> PlayedGateway {
        let token = try await token(of: pod, in: "clinic", account: "default")
        return try PlayedGateway(to: replica, token: token, authority: try await authority())
    }

    /// PEM; as snapshots have it.
    func authority() async throws -> String {
        let secret = try await api.get(
            "", "v1", "secrets", ObjectKey(namespace: "weir-system", name: "weir-operator-ca"))
        let data = Data(base64Encoded: secret["data", "tls.crt"]?.string ?? "") ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Waits until a replica knows the pod.
    func awaitPod(_ name: String, by replica: RunningOperator) async throws {
        try await eventually("the pod \(name) is known") {
            replica.plane.state.withView { $0.pod(ObjectKey(namespace: "clinic", name: name)) } != nil
        }
    }

    /// A pod whose gateway is as it would be injected now.
    func createInjectedPod(_ name: String, by replica: RunningOperator) async throws {
        let connections = replica.plane.state.connections(in: "clinic") ?? []
        let hash = Injector(Self.settings).injectionHash(for: connections)
        try await create(.pods, Cast.pod(name, injectedWith: hash))
        try await eventually("the pod \(name) is known") {
            replica.plane.state.withView { $0.pod(ObjectKey(namespace: "clinic", name: name)) } != nil
        }
    }
}
