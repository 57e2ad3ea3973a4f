package import Audit
package import Logging
import Networking
import Synchronization

/// Sends what a recorder has signed to the audit sink, and notes what the sink has made durable.
///
/// A batch that is sent twice does no harm: the sink acknowledges by sequence number.
package final class Shipper: Sendable {
    /// Largest batch, in bytes.
    static let batchLimit = 1 << 20
    /// Between batches while there is nothing to send.
    static let idleDelay = Duration.milliseconds(200)
    static let retryDelays: [Duration] = [
        .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(5),
    ]
    /// Most kinds of failure that are told until the sink takes something again.
    private static let toldLimit = 8
    /// Without an acknowledgement for so long while there is something to send, the sink counts as unavailable.
    static let unavailableAfter = Duration.seconds(10)

    private let spool: Spool
    private let writer: String
    private let connection: SinkConnection
    private let logger: Logger
    private let failingSince = Mutex<ContinuousClock.Instant?>(nil)

    package init(_ spool: Spool, writer: String, connection: SinkConnection, logger: Logger) {
        self.spool = spool
        self.writer = writer
        self.connection = connection
        self.logger = logger
    }

    package var isSinkAvailable: Bool {
        failingSince.withLock { since in since.map { .now - $0 < Self.unavailableAfter } ?? true }
    }

    /// Ships until the task is cancelled.
    package func run() async {
        var reader = SpoolReader(spool)
        var failures = 0
        var told: Set<String> = []
        while !Task.isCancelled {
            do {
                let hasMore = try await shipBatch(&reader)
                if failures > 0 {
                    logger.notice("audit sink is back", metadata: ["sink": "\(connection.url)"])
                }
                failures = 0
                told.removeAll()
                failingSince.withLock { $0 = nil }
                if !hasMore { try await Task.sleep(for: Self.idleDelay) }
            } catch {
                // A request that is cut off by the end fails in its own way.
                if Task.isCancelled { return }
                if told.count < Self.toldLimit, told.insert("\(error)").inserted { tell(error) }
                failingSince.withLock { $0 = $0 ?? .now }
                let delay = Self.retryDelays[min(failures, Self.retryDelays.count - 1)]
                failures += 1
                try? await Task.sleep(for: delay * Double.random(in: 0.8...1.2))
            }
        }
    }

    /// Between two attempts at the end.
    private static let lastDelay = Duration.milliseconds(100)

    /// Ships what is left, once nothing more is recorded and ``run()`` has returned, within `limit`.
    package func shipRest(within limit: Duration) async {
        var reader = SpoolReader(spool)
        let end = ContinuousClock.now + limit
        var fault: (any Error)?
        while .now < end {
            do {
                guard try await shipBatch(&reader) else { return }
                fault = nil
            } catch {
                fault = error
                try? await Task.sleep(for: Self.lastDelay)
            }
        }
        logger.warning(
            "the end of the log is not with the audit sink; it stays in the spool",
            metadata: ["sink": "\(connection.url)", "error": "\(fault.map { "\($0)" } ?? "too little time")"])
    }

    /// - Returns: whether there may be more to send at once.
    func shipBatch(_ reader: inout SpoolReader) async throws -> Bool {
        let acknowledged = spool.acknowledged
        guard let batch = try reader.next(after: acknowledged, maximumByteCount: Self.batchLimit) else {
            return false
        }
        let response = try await connection.post(batch.bytes, of: writer)
        guard let through = Acknowledgement.sequence(in: response), through >= batch.lastSequence else {
            throw ShippingFault.notTaken(SinkRefusal(response))
        }
        try spool.acknowledge(through: through)
        guard spool.acknowledged >= through else { throw ShippingFault.ahead(acknowledged: through) }
        return true
    }

    /// What follows for those whose statements are recorded.
    private static let consequence = """
        records wait in the spool; a gateway refuses statements once its spool is full, or after \
        \(unavailableAfter.components.seconds) s where failureMode.auditUnavailable is Deny
        """

    private func tell(_ error: any Error) {
        var facts: Logger.Metadata = ["sink": "\(connection.url)", "meanwhile": "\(Self.consequence)"]
        switch error {
        case ShippingFault.notTaken(let refusal):
            facts["status"] = "\(refusal.status)"
            facts["error"] = "\(refusal.word)"
            facts["detail"] = "\(refusal.detail)"
        case ShippingFault.ahead(let through):
            facts["error"] = "Ahead"
            facts["detail"] = """
                the sink has records of \(writer) through \(through) that are not here: was the data folder \
                restored from a copy?
                """
        default: facts["error"] = "\(error)"
        }
        if error is RecorderError {
            logger.error("the log cannot be read for the audit sink", metadata: facts)
        } else {
            logger.warning("audit sink does not take the log", metadata: facts)
        }
    }
}

package enum ShippingFault: Error, Equatable {
    /// By the operator.
    case refused(status: Int)
    /// A batch, by the audit sink.
    case notTaken(SinkRefusal)
    /// The sink has records of this log that its writer has not: it goes on from an older copy of its folder.
    case ahead(acknowledged: UInt64)
}
