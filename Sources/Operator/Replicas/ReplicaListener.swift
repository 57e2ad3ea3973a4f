import Kubernetes
import Logging
import NIOCore
import Networking
import Synchronization

/// Hears from the other replicas what gateways have told them, so that each of them can lead.
///
/// Whoever is heard anew tells everything, so nothing is lost with a connection, a replica or the lease.
struct ReplicaListener: Sendable {
    let state: ClusterState
    let identity: ReplicaIdentity
    /// Whose certificates other replicas have.
    let serving: any ServingIdentity
    let ledger: AcknowledgementLedger
    /// Name in other replicas' certificates, and their port.
    let serverName: String
    let port: Int
    let metrics: OperatorMetrics
    /// Told of pods of which something new is known.
    let acknowledged: @Sendable (ObservedPod) -> Void
    let identities: IdentityService
    let logger: Logger

    /// Between two looks at which replicas there are.
    private static let lookInterval = Duration.seconds(1)
    /// Between two attempts, as often as this; then up to as long again by chance.
    private static let retryDelay = Duration.seconds(1)
    /// A replica that says nothing for so long is not there; it says something every 15 s.
    private static let silenceLimit = TimeAmount.seconds(40)
    /// Between two looks for pods that went before they were known here.
    private static let sweepInterval = Duration.seconds(60)

    /// Until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await sweep() }
            let heard = HeardReplicas()
            while !Task.isCancelled {
                for replica in heard.begin(await others()) {
                    group.addTask {
                        await hear(replica, on: EventLoops.shared.next())
                        heard.end(replica)
                    }
                }
                try? await Task.sleep(for: Self.lookInterval)
            }
        }
    }

    private func others() async -> Set<Replica> {
        guard let own = await identity.own() else { return [] }
        return state.withView { $0.replicas(of: own) }
    }

    /// Until the pod is gone.
    private func hear(_ replica: Replica, on loop: any EventLoop) async {
        var isFailing = false
        while !Task.isCancelled, await others().contains(replica) {
            do {
                try await listen(to: replica, on: loop) { isFailing = false }
            } catch {
                if !isFailing, !Task.isCancelled {
                    logger.warning(
                        "another replica is not heard",
                        metadata: ["address": "\(replica.address)", "error": "\(error)"])
                }
                isFailing = true
            }
            try? await Task.sleep(for: Self.retryDelay * Double.random(in: 1..<2))
        }
    }

    /// Until the connection ends.
    private func listen(
        to replica: Replica, on loop: any EventLoop, isHeard: () -> Void
    ) async throws {
        guard let authorities = serving.authorities(), let bearer = identity.bearer else {
            throw NotYet.noAuthority
        }
        let client = try HTTPClient(
            baseURL: BaseURL(replica.url(port: port)), certificateAuthoritiesPEM: authorities,
            serverName: serverName, on: loop)
        let stream = try await client.open(
            HTTPRequest(path: ReplicaRoutes.path, headers: [("Authorization", "Bearer \(bearer)")]),
            silenceLimit: Self.silenceLimit)
        defer { stream.close() }
        guard stream.status == 200 else { throw Refusal(status: stream.status) }
        isHeard()
        metrics.change(.replicasHeard, by: 1)
        defer { metrics.change(.replicasHeard, by: -1) }
        var decoder = LineDecoder(limit: ReplicaLine.maximumLength)
        while let piece = try await stream.next() {
            decoder.append(piece)
            while let line = try decoder.next() {
                switch try ReplicaLine(line) {
                case .acknowledgements(let reports): take(reports)
                case .revocationsChanged: try? await identities.readRevocations()  // or with the next look
                case .heartbeat: break
                }
            }
        }
    }

    private func take(_ reports: [AcknowledgementReport]) {
        let news = ledger.learn(reports)
        let pods = state.withView { view in
            news.compactMap { known in view.pod(known.key).flatMap { $0.uid == known.uid ? $0 : nil } }
        }
        for pod in pods { acknowledged(pod) }
    }

    private func sweep() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.sweepInterval)
            guard state.isSynced else { continue }
            let pods = ledger.pods
            let gone = state.withView { view in pods.filter { view.uid(ofPod: $0.key) != $0.uid } }
            for pod in gone { ledger.forget(pod.uid) }
        }
    }
}

/// The replicas that somebody hears, each by one task, also while the cluster is seen without them.
final class HeardReplicas: Sendable {
    private let heard = Mutex<Set<Replica>>([])

    /// - Returns: those of them that nobody hears yet, who count as heard from now on.
    func begin(_ replicas: Set<Replica>) -> Set<Replica> {
        heard.withLock { heard in
            defer { heard.formUnion(replicas) }
            return replicas.subtracting(heard)
        }
    }

    func end(_ replica: Replica) { heard.withLock { _ = $0.remove(replica) } }
}

/// The status with which another replica does not let itself be heard.
private struct Refusal: Error, CustomStringConvertible {
    var status: Int

    var description: String { "status \(status)" }
}
