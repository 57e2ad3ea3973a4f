/// Drives a ``LeaderElection``: sends its requests and tells when to lead and when to stop.
package struct LeaderElector<Time: Clock<Duration>>: Sendable {
    private let identity: String
    private let key: ObjectKey
    private let server: any APIServer
    private let timing: LeaderElection.Timing
    private let clock: Time
    private let wallTime: @Sendable () -> Timestamp

    /// Who writes, in `managedFields`.
    private static var fieldManager: String { "leader-election" }

    /// `identity` is of this process and no other, also not of one before it. The wall clock's time is written
    /// for people to read and never compared.
    package init(
        identity: String, lease key: ObjectKey, of server: any APIServer,
        timing: LeaderElection.Timing = .init(), clock: Time, wallTime: @escaping @Sendable () -> Timestamp
    ) {
        self.identity = identity
        self.key = key
        self.server = server
        self.timing = timing
        self.clock = clock
        self.wallTime = wallTime
    }

    /// Until the lease is lost, or the task is cancelled, when it is released. Returns only when no leader's
    /// work is under way, after which the process should end.
    ///
    /// `lead` has the work begin and returns; once `stopLeading` returned, all of it has ended.
    package func run(
        lead: () async -> Void, stopLeading: () async -> Void, report: (APIError) async -> Void = { _ in }
    ) async {
        var generator = SystemRandomNumberGenerator()
        var election = LeaderElection(identity: identity, lease: key, timing: timing)
        let start = clock.now
        var event = LeaderElection.Event.begun
        while true {
            if case .failed(let error) = event { await report(error) }
            let actions = election.receive(
                event, at: start.duration(to: clock.now), wallTime: wallTime(), using: &generator)
            for action in actions {
                switch action {
                case .read(let key, let limit):
                    event = await answer(limit) { () throws(RequestError) in try .get(.leases, key) }
                    if case .written(let content) = event { event = .found(content) }
                    if case .failed(.refused(let failure)) = event, failure.kind == .notFound {
                        event = .notFound
                    }
                case .create(let lease, let limit):
                    event = await answer(limit) { () throws(RequestError) in
                        try .create(.leases, lease, WriteOptions(fieldManager: Self.fieldManager))
                    }
                case .update(let lease, let limit):
                    event = await answer(limit) { () throws(RequestError) in
                        try .update(.leases, lease, WriteOptions(fieldManager: Self.fieldManager))
                    }
                case .wait(let delay):
                    do {
                        try await clock.sleep(for: delay)
                        event = .waited
                    } catch {
                        event = .terminated
                    }
                case .lead: await lead()
                case .stopLeading: await stopLeading()
                case .end: return
                }
            }
        }
    }

    /// In a task of its own, which is not cancelled: whether the lease was written must be known to release it.
    private func answer(
        _ timeLimit: Duration, _ make: () throws(RequestError) -> APIRequest
    ) async -> LeaderElection.Event {
        let server = server
        var request: APIRequest
        do {
            request = try make()
        } catch {
            return .failed(.malformed(MalformedAnswer("a lease without a name")))
        }
        request.timeLimit = timeLimit
        let sent = request
        return await Task {
            do throws(APIError) {
                return LeaderElection.Event.written(try await server.answer(to: sent))
            } catch {
                return .failed(error)
            }
        }.value
    }
}
