import Dispatch
import Kubernetes
import Synchronization

/// An answer that goes on, received by a thread of its own on a connection of its own.
final class StreamedTransfer: ResponseStream {
    /// Bytes received and not yet taken, above which the server has to wait. Ours.
    static let bufferLimit = 1 << 20

    let status: Int
    let headers: [APIResponse.Header]
    private let handOver: HandOver

    private init(_ head: TransferProgress.Head, _ handOver: HandOver) {
        status = head.status
        headers = head.headers
        self.handOver = handOver
    }

    deinit { handOver.cancel() }

    /// Waits for the head of the answer.
    static func open(_ transfer: Transfer) async throws(TransportFailure) -> StreamedTransfer {
        let handOver = HandOver()
        Thread.start {
            do throws(TransportFailure) {
                let progress = TransferProgress(
                    silenceLimit: transfer.silenceLimit, isWanted: { !handOver.isCancelled },
                    receiveHead: handOver.receive, receiveBytes: handOver.receive)
                try CurlHandle().perform(transfer, progress)
                handOver.finish(nil)
            } catch {
                handOver.finish(error)
            }
        }
        return StreamedTransfer(try await handOver.head(), handOver)
    }

    func next() async throws(TransportFailure) -> [UInt8]? {
        try await handOver.next()
    }
}

/// Between the thread that receives and the task that reads.
private final class HandOver: Sendable {
    private struct State {
        var head: TransferProgress.Head?
        var bytes: [UInt8] = []
        var isFinished = false
        var failure: TransportFailure?
        /// The reader, while it waits for any of these.
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let cancelled = Flag()
    private let room = DispatchSemaphore(value: 0)

    // MARK: - The thread

    var isCancelled: Bool { cancelled.isSet }

    func receive(_ head: TransferProgress.Head) {
        change { $0.head = head }
    }

    /// Returns once there is room for more.
    func receive(_ bytes: [UInt8]) -> TransportFailure? {
        change { $0.bytes += bytes }
        while state.withLock({ $0.bytes.count > StreamedTransfer.bufferLimit }), !isCancelled { room.wait() }
        return isCancelled ? .cancelled : nil
    }

    func finish(_ failure: TransportFailure?) {
        change {
            $0.isFinished = true
            $0.failure = failure
        }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let reader = state.withLock { state in
            body(&state)
            return state.reader.take()
        }
        reader?.resume()
    }

    // MARK: - The task

    func head() async throws(TransportFailure) -> TransferProgress.Head {
        try await wait { $0.head != nil || $0.isFinished }
        let (head, failure) = state.withLock { ($0.head, $0.failure) }
        if let head { return head }
        throw failure ?? .cutShort
    }

    func next() async throws(TransportFailure) -> [UInt8]? {
        try await wait { !$0.bytes.isEmpty || $0.isFinished }
        let (bytes, failure) = state.withLock { state in
            let bytes = state.bytes
            state.bytes = []
            return (bytes, state.failure)
        }
        room.signal()
        if !bytes.isEmpty { return bytes }
        if let failure { throw failure }
        return nil
    }

    func cancel() {
        cancelled.set()
        room.signal()
        change { _ in }
    }

    private func wait(until isReady: @Sendable (borrowing State) -> Bool) async throws(TransportFailure) {
        while !state.withLock({ isReady($0) }) {
            if isCancelled { throw .cancelled }
            await withTaskCancellationHandler {
                await waitForChange(unless: isReady)
            } onCancel: {
                cancel()
            }
        }
    }

    private func waitForChange(unless isReady: @Sendable (borrowing State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let hasChanged = state.withLock { state in
                if isReady(state) || isCancelled { return true }
                state.reader = continuation
                return false
            }
            if hasChanged { continuation.resume() }
        }
    }
}
