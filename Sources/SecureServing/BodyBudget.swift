package import HummingbirdCore
package import NIOCore
import Synchronization

/// Bounds what of requests' bodies is held at once, over all connections: whoever reaches a port can begin as many as they
/// like, and end none.
package final class BodyBudget: Sendable {
    private struct Held {
        var byteCount = 0
        var bySender: [String: Int] = [:]
    }

    private let limit: Int
    private let senderLimit: Int
    private let held = Mutex(Held())

    /// - Parameters:
    ///   - limit: bytes held at once.
    ///   - senderLimit: of them, those of one sender; `nil` for all of them.
    package init(limit: Int, senderLimit: Int? = nil) {
        self.limit = limit
        self.senderLimit = senderLimit ?? limit
    }

    /// There is no room now: 503.
    package struct Exhausted: Error {}

    /// Gives `use` the whole body, which counts until that returns.
    ///
    /// - Parameters:
    ///   - body: the request's.
    ///   - sender: whose it is; the same for all where they are not told apart.
    ///   - length: its longest, in bytes.
    ///   - use: what is done with it.
    /// - Returns: what `use` does.
    /// - Throws: ``Exhausted``, `NIOTooManyBytesError` for a longer one, and what `use` throws.
    package func collect<Result>(
        _ body: RequestBody, from sender: String = "", upTo length: Int,
        _ use: (ByteBuffer) async throws -> Result
    ) async throws -> Result {
        var taken = 0
        defer { release(taken, of: sender) }
        var whole = ByteBuffer()
        for try await part in body {
            let count = part.readableBytes
            guard whole.readableBytes + count <= length else { throw NIOTooManyBytesError(maxBytes: length) }
            guard take(count, for: sender) else { throw Exhausted() }
            taken += count
            whole.writeImmutableBuffer(part)
        }
        return try await use(whole)
    }

    /// - Returns: whether there is room.
    private func take(_ count: Int, for sender: String) -> Bool {
        held.withLock { held in
            let own = held.bySender[sender] ?? 0
            guard held.byteCount + count <= limit, own + count <= senderLimit else { return false }
            held.byteCount += count
            held.bySender[sender] = own + count
            return true
        }
    }

    private func release(_ count: Int, of sender: String) {
        guard count > 0 else { return }
        held.withLock { held in
            held.byteCount -= count
            let rest = (held.bySender[sender] ?? 0) - count
            held.bySender[sender] = rest > 0 ? rest : nil
        }
    }
}
