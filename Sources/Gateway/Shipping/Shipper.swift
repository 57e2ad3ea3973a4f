import Audit
import Logging
import NIOCore
import Networking
import Synchronization

/// Sends what the recorder has signed to the audit sink, and notes what the sink has made durable.
///
/// A batch that is sent twice does no harm: the sink acknowledges by sequence number.
final class Shipper: Sendable {
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
    private let gatewayName: String
    private let connection: SinkConnection
    private let logger: Logger
    private let failingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(_ spool: Spool, gatewayName: String, connection: SinkConnection, logger: Logger) {
        self.spool = spool
        self.gatewayName = gatewayName
        self.connection = connection
        self.logger = logger
    }

    var isSinkAvailable: Bool {
        failingSince.withLock { since in since.map { .now - $0 < Self.unavailableAfter } ?? true }
    }

    /// Ships until the task is cancelled.
    func run() async {
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

    /// - Returns: whether there may be more to send at once.
    func shipBatch(_ reader: inout SpoolReader) async throws -> Bool {
        let acknowledged = spool.acknowledged
        guard let batch = try reader.next(after: acknowledged, maximumByteCount: Self.batchLimit) else {
            return false
        }
        let response = try await connection.post(batch.bytes, of: gatewayName)
        guard let through = Acknowledgement.sequence(in: response) else {
            throw ShippingFault.refused(status: response.status)
        }
        try spool.acknowledge(through: through)
        return through > acknowledged
    }
}

enum ShippingFault: Error, Equatable {
    case refused(status: Int)
}
