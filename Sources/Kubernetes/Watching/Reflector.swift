/// Drives a ``Watcher``: sends its requests and delivers what it is told, until the task is cancelled.
package struct Reflector<Time: Clock<Duration>>: Sendable {
    package enum Delivery: Sendable, Equatable {
        /// These are all objects there are.
        case all([APIObject])
        /// One was added, modified or deleted.
        case change(WatchEvent)
    }

    private let server: any APIServer
    private let resource: APIResource
    private let selection: Selection
    private let projection: JSON.Projection
    private let canWatchList: Bool
    private let clock: Time

    /// The `projection` is what to keep of each object, beside its identity.
    package init(
        _ resource: APIResource, _ selection: Selection = Selection(), of server: any APIServer,
        keeping projection: JSON.Projection = .everything, canWatchList: Bool = false, clock: Time
    ) {
        self.server = server
        self.resource = resource
        self.selection = selection
        self.projection = projection
        self.canWatchList = canWatchList
        self.clock = clock
    }

    /// - Parameters:
    ///   - deliver: called in order, one at a time; a watch is read no faster than it returns.
    ///   - report: told of every failure, after each of which it goes on.
    package func run(
        deliver: (Delivery) async -> Void, report: (APIError) async -> Void = { _ in }
    ) async {
        var generator = SystemRandomNumberGenerator()
        var watcher = Watcher(canWatchList: canWatchList)
        let start = clock.now
        var watch: OpenWatch?
        var event = Watcher.Event.begun
        while !Task.isCancelled {
            if case .failed(let error) = event { await report(error) }
            var next: Watcher.Event?
            for action in watcher.receive(event, at: start.duration(to: clock.now), using: &generator) {
                switch action {
                case .replace(let objects): await deliver(.all(objects))
                case .apply(let change): await deliver(.change(change))
                case .list(let limit, let token):
                    watch = nil
                    next = await list(limit: limit, token: token)
                case .watch(let version, let timeLimit):
                    watch = nil
                    let request = APIRequest.watch(
                        resource, selection, after: version, timeLimit: timeLimit)
                    next = await open(request, &watch)
                case .watchList(let timeLimit):
                    watch = nil
                    next = await open(.watchList(resource, selection, timeLimit: timeLimit), &watch)
                case .wait(let delay):
                    watch = nil
                    // Ends early only with the task.
                    try? await clock.sleep(for: delay)
                    next = .waited
                }
            }
            if let next {
                event = next
            } else {
                event = await receive(&watch)
            }
        }
    }

    private func list(limit: Int?, token: String?) async -> Watcher.Event {
        let response: APIResponse
        do {
            response = try await server.send(.list(resource, selection, limit: limit, continuing: token))
        } catch {
            return .failed(.transport(error))
        }
        do {
            return .listed(try ListPage(response, keeping: projection))
        } catch {
            return .failed(error)
        }
    }

    // MARK: - The watch

    private struct OpenWatch {
        var stream: any ResponseStream
        var lines = LineDecoder()
    }

    private func open(_ request: APIRequest, _ watch: inout OpenWatch?) async -> Watcher.Event {
        do {
            let stream = try await server.open(request)
            guard stream.status == 200 else { return .failed(try await refusal(stream)) }
            watch = OpenWatch(stream: stream)
            return .opened
        } catch {
            return .failed(.transport(error))
        }
    }

    /// In bytes. Ours: a status is a few lines.
    private static var maximumRefusalLength: Int { 1 << 20 }

    private func refusal(_ stream: any ResponseStream) async throws(TransportFailure) -> APIError {
        var body: [UInt8] = []
        while body.count <= Self.maximumRefusalLength, let bytes = try await stream.next() { body += bytes }
        return .refused(
            APIFailure(APIResponse(status: stream.status, headers: stream.headers, body: body)))
    }

    private func receive(_ watch: inout OpenWatch?) async -> Watcher.Event {
        guard var current = watch else { return .ended }
        let bytes: [UInt8]?
        do {
            bytes = try await current.stream.next()
        } catch {
            return .failed(.transport(error))
        }
        guard let bytes else { return .ended }
        do {
            watch = nil  // lets go of the lines, which would be copied otherwise
            current.lines.append(bytes)
            var events: [WatchEvent] = []
            while let line = try current.lines.next() {
                events.append(try WatchEvent(line: line, keeping: projection))
            }
            watch = current
            return .received(events)
        } catch {
            return .failed(.malformed(error))
        }
    }
}
