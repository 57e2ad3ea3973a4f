import Foundation
import Kubernetes
import Logging
import Synchronization

@testable import Operator

/// One replica of the operator, in a pod of its own at an address of its own.
final class RunningOperator: Sendable {
    let plane: ControlPlane
    let pod: String
    let address: String
    private let server: SeverableServer
    /// Of the wall.
    let clock = MovableClock()
    private let task: Task<Void, any Error>
    private let ending: AsyncStream<Void>.Continuation

    /// Where all replicas of a test listen; of this process alone.
    static let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 20_000

    enum Lack: Sendable {
        /// Requests whose path ends like this fail, until ``refuse(_:)``.
        case answers(String)
        /// It is a service account with no more rights than it was given.
        case rights
    }

    /// The pod's number is the last part of its address.
    static func start(
        _ number: Int, in play: OperatorPlay, _ lack: Lack? = nil, silence: Duration? = nil
    ) async throws -> RunningOperator {
        let (pod, address) = ("weir-operator-\(number)", "127.0.\(RunningOperator.network).\(number)")
        try await play.create(
            .pods,
            [
                "apiVersion": "v1", "kind": "Pod",
                "metadata": ["namespace": "weir-system", "name": .string(pod)],
                "spec": [
                    "serviceAccountName": "weir-operator",
                    "containers": [["name": "weir-operator", "image": "operator:1"]],
                ],
                "status": ["phase": "Running", "podIP": .string(address)],
            ])
        return try await RunningOperator(pod, address, play, lack, silence)
    }

    /// Tests that run at the same time have other addresses.
    private static let network = 7

    private init(
        _ pod: String, _ address: String, _ play: OperatorPlay, _ lack: Lack?, _ silence: Duration?
    ) async throws {
        let token = try await play.token(of: pod, in: "weir-system", account: "weir-operator")
        (self.pod, self.address) = (pod, address)
        var credential = "admin"
        if case .rights = lack {
            credential = try await play.token(
                of: pod, in: "weir-system", account: "weir-operator", audience: nil)
        }
        let server = SeverableServer(play.client(token: credential, silence: silence))
        self.server = server
        if case .answers(let path) = lack { server.refuse(path) }
        var options = ControlPlane.Options(identity: "\(pod)_\(UInt64.random(in: 0...UInt64.max))")
        options.addresses = ListenAddresses(host: address, port: Self.port, healthPort: 0)
        options.timing.lease = .seconds(10)
        options.timing.renewal = .seconds(8)
        options.timing.retry = .milliseconds(300)
        options.drain = .milliseconds(200)
        options.heartbeat = .milliseconds(400)
        options.certificateInterval = .milliseconds(300)
        // Replicas hear of each other's changes.
        options.identityInterval = .seconds(600)
        options.nativeSidecars = .always
        options.token = { token }
        let plane = ControlPlane(
            server: server, settings: OperatorPlay.settings, options: options, logger: OperatorPlay.logger,
            now: clock.now)
        self.plane = plane
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        self.ending = ending
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        task = Task {
            defer { listening.finish() }
            try await plane.run(until: { for await _ in ended {} }, isListening: { listening.yield($0) })
        }
        for await _ in ports { return }
        try await task.value
    }

    /// Requests whose path ends like this fail; `nil` for none.
    func refuse(_ path: String?) { server.refuse(path) }

    var isLeading: Bool { plane.metrics[.isLeader] == 1 }

    /// As by SIGTERM.
    func end() async {
        ending.finish()
        _ = await task.result
    }

    /// As by SIGKILL: nothing is written any more, not even that the lease is free.
    func kill() async {
        server.sever()
        task.cancel()
        _ = await task.result
    }

    /// Until it ends by itself.
    func result() async -> Result<Void, any Error> { await task.result }
}

/// An API server that can be cut off, for good or in part.
final class SeverableServer: APIServer {
    private let server: any APIServer
    private let isSevered = Mutex(false)
    private let refused = Mutex<String?>(nil)

    init(_ server: any APIServer) {
        self.server = server
    }

    func sever() { isSevered.withLock { $0 = true } }

    func refuse(_ path: String?) { refused.withLock { $0 = path } }

    private func check(_ request: APIRequest) throws(TransportFailure) {
        let isRefused = refused.withLock { $0.map(request.path.hasSuffix) } ?? false
        if isRefused || isSevered.withLock({ $0 }) { throw .connectionFailed("cut off") }
    }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        try check(request)
        return try await server.send(request)
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        try check(request)
        return try await server.open(request)
    }
}

/// A wall clock that is set while it runs.
final class MovableClock: Sendable {
    /// In seconds.
    private let offset = Mutex(0.0)

    func move(by seconds: Double) { offset.withLock { $0 += seconds } }

    var now: @Sendable () -> Timestamp {
        { [self] in
            let seconds = Date().timeIntervalSince1970 + offset.withLock { $0 }
            return Timestamp(microseconds: Int64(seconds * 1_000_000))
        }
    }
}
