import Audit
import Session

/// What probes and metrics are told.
extension Serving {
    var readiness: Readiness {
        let environments = services.values.map(\.environment)
        return Readiness(
            connectionCount: services.count,
            missingListenerCount: missingListenerCount,
            staleConnectionCount: environments.count { !$0.isConfigurationCurrent },
            isWorkloadKnown: isWorkloadKnown,
            isAuthorityKnown: isAuthorityKnown,
            hasWaitedForOperator: .now - start > Readiness.operatorTime,
            canRecord: environments.allSatisfy(\.canRecord))
    }

    /// Without what others know.
    var metrics: GatewayMetrics {
        var metrics = GatewayMetrics()
        metrics.connections = services.sorted { $0.key < $1.key }.map { name, service in
            GatewayMetrics.Connection(name: name, sessionCount: service.sessionCount, counts: service.counts)
        }
        metrics.unacknowledgedCount =
            recorder.lastSequence - min(recorder.spool.acknowledged, recorder.lastSequence)
        metrics.spoolByteCount = recorder.remainingByteCount
        let time = (unconfirmedTime ?? .zero).components
        metrics.unconfirmedSeconds =
            Double(time.seconds) + Double(time.attoseconds / 1_000_000_000_000_000) / 1000
        return metrics
    }
}
