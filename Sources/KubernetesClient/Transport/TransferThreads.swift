import Dispatch
import Glibc
import Kubernetes
import Synchronization

/// Threads that make exchanges with an end, each with an easy handle of its own and so with connections that are
/// used again.
final class TransferThreads: Sendable {
    /// Requests that may wait for a thread.
    private let queueLimit: Int
    private let jobs: Jobs

    struct Job: Sendable {
        var transfer: Transfer
        /// In bytes.
        var bodyLimit: Int
        var deadline: ContinuousClock.Instant
        /// When it is too late to begin: begun just before the deadline it would fail, and so would all behind it.
        var latestStart: ContinuousClock.Instant
        var isWanted: @Sendable () -> Bool
        var finish: @Sendable (Result<APIResponse, TransportFailure>) -> Void

        init(
            _ transfer: Transfer, bodyLimit: Int, timeLimit: Duration,
            since start: ContinuousClock.Instant = .now, isWanted: @escaping @Sendable () -> Bool,
            finish: @escaping @Sendable (Result<APIResponse, TransportFailure>) -> Void
        ) {
            self.transfer = transfer
            self.bodyLimit = bodyLimit
            deadline = start + timeLimit
            latestStart = start + timeLimit / 2
            self.isWanted = isWanted
            self.finish = finish
        }
    }

    /// Shared with the threads, which outlive `self` by the exchange they are at.
    private final class Jobs: Sendable {
        private let queue = Mutex<(waiting: [Job], isClosed: Bool)>(([], false))
        private let available = DispatchSemaphore(value: 0)
        private let threadCount: Int

        init(threadCount: Int) { self.threadCount = threadCount }

        func add(_ job: Job, limit: Int) -> Bool {
            let isAdded = queue.withLock { queue in
                guard queue.waiting.count < limit else { return false }
                queue.waiting.append(job)
                return true
            }
            if isAdded { available.signal() }
            return isAdded
        }

        func close() {
            queue.withLock { $0.isClosed = true }
            for _ in 0..<threadCount { available.signal() }
        }

        /// `nil` once there are none and will be none.
        func next() -> Job? {
            while true {
                available.wait()
                let (job, isClosed) = queue.withLock { queue in
                    (queue.waiting.isEmpty ? nil : queue.waiting.removeFirst(), queue.isClosed)
                }
                if job != nil || isClosed { return job }
            }
        }
    }

    init(_ lane: TransferLane) {
        queueLimit = lane.queueLimit
        jobs = Jobs(threadCount: lane.threadCount)
        for _ in 0..<lane.threadCount {
            let jobs = jobs
            Thread.start {
                let handle = Result { () throws(TransportFailure) in try CurlHandle() }
                while let job = jobs.next() {
                    job.finish(handle.flatMap { handle in Self.perform(job, on: handle) })
                }
            }
        }
    }

    deinit { jobs.close() }

    /// Waits for the whole answer, and no longer than the time limit; half of it at most for a thread.
    func perform(
        _ transfer: Transfer, timeLimit: Duration, bodyLimit: Int
    ) async throws(TransportFailure) -> APIResponse {
        let isCancelled = Flag()
        let (jobs, queueLimit) = (jobs, queueLimit)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = Job(
                    transfer, bodyLimit: bodyLimit, timeLimit: timeLimit, isWanted: { !isCancelled.isSet },
                    finish: { continuation.resume(returning: $0) })
                if !jobs.add(job, limit: queueLimit) {
                    job.finish(.failure(.connectionFailed("\(queueLimit) requests wait already")))
                }
            }
        } onCancel: {
            isCancelled.set()
        }
        return try result.get()
    }

    static func perform(_ job: Job, on handle: CurlHandle) -> Result<APIResponse, TransportFailure> {
        let now = ContinuousClock.now
        guard job.isWanted() else { return .failure(.cancelled) }
        guard now <= job.latestStart else { return .failure(.timedOut) }
        var transfer = job.transfer
        transfer.timeLimit = job.deadline - now
        var response = APIResponse(status: 0)
        let progress = TransferProgress(
            silenceLimit: nil, isWanted: job.isWanted,
            receiveHead: { head in
                response.status = head.status
                response.headers = head.headers
            },
            receiveBytes: { bytes in
                guard response.body.count + bytes.count <= job.bodyLimit else {
                    return .answerTooLong(limit: job.bodyLimit)
                }
                response.body += bytes
                return nil
            })
        do {
            try handle.perform(transfer, progress)
            // An end within the head is none to libcurl.
            return response.status == 0 ? .failure(.cutShort) : .success(response)
        } catch {
            return .failure(error)
        }
    }
}

/// Set once, on any thread.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}

/// A thread that may block.
enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        let argument = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        precondition(status == 0, "the system gives no more threads")
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
