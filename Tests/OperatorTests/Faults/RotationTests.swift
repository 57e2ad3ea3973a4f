import Cryptography
import Foundation
import Kubernetes
import Synchronization
import Testing

@testable import Admission
@testable import Operator

/// The authority is replaced while pods are admitted and gateways listen: nobody notices.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RotationTests {
    private static let secrets = APIResource(group: "", version: "v1", name: "secrets", kind: "Secret")
    private static let secretName = "weir-operator-ca"

    /// Stores another authority, as a replica does whose turn it is; returns it as PEM. `age` is how long ago it was
    /// made: certificates of it are shown once pods can know it.
    private static func replaceAuthority(_ play: OperatorPlay, age: Duration) async throws -> String {
        let now = Int64(Date().timeIntervalSince1970)
        let start = now - age.components.seconds - CertificatePlan.Lifetime.margin.components.seconds
        let next = try CertificateAuthority.make(commonName: "next", validity: start...now + 86_400 * 300)
        let stored = StoredAuthority(try await play.get(secrets, "weir-system", secretName))
        try await play.patch(secrets, "weir-system", secretName, stored.replacement(by: next.identity))
        return String(decoding: next.identity.certificateChainPEM, as: UTF8.self)
    }

    /// Creates pods that the webhook sees until the task is cancelled, and counts them.
    /// - Returns: what the API server said to those it refused.
    private static func admit(_ play: OperatorPlay, _ counter: AdmissionCount) async -> [String] {
        var refusals: [String] = []
        while !Task.isCancelled {
            let count = counter.value
            var pod = Cast.pod("admitted-\(count)")
            pod["metadata", "labels", PodNames.inject] = .string(PodNames.enabled)
            do {
                let made = try await play.create(.pods, pod)
                if made["metadata", "annotations", PodNames.connections]?.string != "clinic" {
                    refusals.append("no gateway in \(made)")
                }
            } catch {
                if !Task.isCancelled { refusals.append("\(error)") }
            }
            counter.add()
        }
        return refusals
    }

    /// Whether a gateway that trusts these opens a stream.
    private static func opens(
        _ play: OperatorPlay, _ replica: RunningOperator, trusting authority: String
    ) async -> Bool {
        guard let token = try? await play.token(of: "old", in: "clinic", account: "default"),
            let gateway = try? PlayedGateway(to: replica, token: token, authority: authority)
        else { return false }
        let status = try? await gateway.open()
        await gateway.close()
        return status == 200
    }

    @Test func `a new authority fails no admission and ends no stream`() async throws {
        try await OperatorPlay.run { play in
            let replica = try await play.start(61)
            try await play.create(.databaseConnections, Cast.connection())
            try await play.createInjectedPod("old", by: replica)
            let old = try await play.authority()
            let gateway = try await play.gateway(of: "old", at: replica)
            #expect(try await gateway.open() == 200)
            let counter = AdmissionCount()
            let admissions = Task { await Self.admit(play, counter) }
            try await eventually("pods are admitted") { counter.value > 3 }

            // Made a moment ago: trusted by all, and not yet shown, as pods do not know it yet.
            let young = try await Self.replaceAuthority(play, age: .seconds(1))
            try await eventually("snapshots hold both") {
                let snapshot = try await play.snapshotAuthority()
                return snapshot.contains(old) && snapshot.contains(young)
            }
            #expect(await Self.opens(play, replica, trusting: old))
            #expect(await !Self.opens(play, replica, trusting: young))

            // Old enough to be known everywhere.
            let known = try await Self.replaceAuthority(play, age: .seconds(3600))
            try await eventually("a certificate of it is shown") {
                await Self.opens(play, replica, trusting: known)
            }
            let snapshot = try await play.snapshotAuthority()
            #expect(await Self.opens(play, replica, trusting: snapshot))
            let shown = counter.value
            try await eventually("pods are admitted by it") { counter.value > shown + 3 }

            admissions.cancel()
            #expect(await admissions.value == [])
            // The stream that was open before goes on.
            let first = try #require(try await gateway.revision())
            try await play.create(
                .maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
            #expect(try #require(try await gateway.revision()) != first)
            await gateway.close()
        }
    }
}

private final class AdmissionCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}
