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
        while !Task.isCancelled {
            do {
                let hasMore = try await shipBatch(&reader)
                if failures > 0 { logger.notice("audit sink is back") }
                failures = 0
                failingSince.withLock { $0 = nil }
                if !hasMore { try await Task.sleep(for: Self.idleDelay) }
            } catch is CancellationError {
                return
            } catch {
                if failures == 0 {
                    logger.warning("audit sink does not take the log", metadata: ["error": "\(error)"])
                }
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
        while .now < end {
            do {
                guard try await shipBatch(&reader) else { return }
            } catch {
                try? await Task.sleep(for: Self.lastDelay)
            }
        }
    }

    /// - Returns: whether there may be more to send at once.
    func shipBatch(_ reader: inout SpoolReader) async throws -> Bool {
        let acknowledged = spool.acknowledged
        guard let batch = try reader.next(after: acknowledged, maximumByteCount: Self.batchLimit) else {
            return false
        }
        let response = try await connection.post(batch.bytes, of: writer)
        guard let through = Acknowledgement.sequence(in: response) else {
            throw ShippingFault.refused(status: response.status)
        }
        try spool.acknowledge(through: through)
        return through > acknowledged
    }
}

package enum ShippingFault: Error, Equatable {
    case refused(status: Int)
}
