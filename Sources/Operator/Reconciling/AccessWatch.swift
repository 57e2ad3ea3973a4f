import Kubernetes
import Logging

/// Looks again and again whether the operator may do what it must, and says what is missing: in its readiness, its
/// log, a metric and an Event of its own pod.
struct AccessWatch: Sendable {
    var check: AccessCheck
    var server: any APIServer
    var readiness: Readiness
    /// Whose the Event is.
    var identity: ReplicaIdentity
    var metrics: OperatorMetrics
    var logger: Logger
    var now: @Sendable () -> Timestamp

    /// Between two looks at what the operator may do, which others change at any time.
    private static let interval = Duration.seconds(300)
    /// While something is missing, for nobody is served till it is there, or not known.
    private static let missingInterval = Duration.seconds(5)

    func run() async {
        var told: [String] = []
        var wait = Self.interval
        while !Task.isCancelled {
            do throws(APIError) {
                let forbidden = try await check.forbidden(by: server)
                if forbidden != told, await tell(forbidden: forbidden) { told = forbidden }
                readiness.set(forbidden: forbidden)
                metrics.set(.forbidden, forbidden.count)
                for line in forbidden { logger.error("not allowed", metadata: ["what": "\(line)"]) }
                wait = forbidden.isEmpty ? Self.interval : Self.missingInterval
            } catch {
                logger.warning("access cannot be checked", metadata: ["error": "\(error)"])
                wait = Self.missingInterval
            }
            try? await Task.sleep(for: wait)
        }
    }

    /// An Event of the operator's own pod.
    /// - Returns: whether it was written, or there is nothing to write.
    private func tell(forbidden: [String]) async -> Bool {
        guard !forbidden.isEmpty else { return true }
        guard let own = await identity.own() else { return false }
        let event = ResourceEvent(
            isWarning: true, reason: "Forbidden",
            message: "the operator is not allowed: \(forbidden.joined(separator: ", "))")
        let key = ObjectKey(namespace: own.namespace, name: own.pod)
        do {
            _ = try await server.answer(to: try event.request(about: .pods, key, uid: own.uid, at: now()))
            return true
        } catch {
            logger.warning("event not written", metadata: ["error": "\(error)"])
            return false
        }
    }
}
