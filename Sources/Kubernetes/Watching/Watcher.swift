/// Follows the objects of a kind: lists them, watches them, and recovers from whatever comes between.
///
///     list, page by page ──last page──> watch ──ended, cut, 429, 5xx──> the same watch again
///      ^      └─ expired: all at once      └──410, bad line, no bookmarks──> list
///      └── after a delay that grows
///
/// The version to go on from advances only with delivered events and bookmarks, so nothing between two watches
/// is lost. At most one of its requests is under way: an action that asks for another, or for a wait, ends it.
package struct Watcher: ~Copyable {
    package enum Event: Sendable, Equatable {
        case begun
        case listed(ListPage)
        /// The server began to answer a watch.
        case opened
        /// Bytes came, which need not have made whole lines.
        case received([WatchEvent])
        /// The answer to a watch is whole.
        case ended
        case failed(APIError)
        case waited
    }

    package enum Action: Sendable, Equatable {
        case list(limit: Int?, token: String?)
        /// Time limits are in seconds.
        case watch(after: String, timeLimit: Int)
        case watchList(timeLimit: Int)
        case wait(Duration)
        /// These are all objects.
        case replace([APIObject])
        /// One was added, modified or deleted.
        case apply(WatchEvent)
    }

    /// Objects in a page.
    package static let pageLimit = 500
    /// How long the server should keep a watch, in seconds; by chance, so that not all end together.
    package static let timeLimits = 300...600
    /// How long a watch may be silent, after which ``TransportFailure/silent`` is reported of it. Bookmarks
    /// come about every 60 s; neither TCP's keep-alive nor a limit of speed notices a peer that says nothing.
    package static let silenceLimit = Duration.seconds(75)
    /// How long bytes may come without an event or a bookmark.
    static let progressLimit = Duration.seconds(150)
    /// A watch that ends sooner and without events failed.
    static let shortestWatch = Duration.seconds(1)
    /// Lists follow each other no faster, unless after a delay.
    static let shortestListInterval = Duration.seconds(5)
    /// How long all objects may take as events.
    static let watchListLimit = Duration.seconds(60)

    private var phase = Phase.idle
    /// Of the list that is under way, page by page or as events.
    private var gathered: [APIObject] = []
    private var gatheredByKey: [ObjectKey: APIObject] = [:]
    private var delay = RetryDelay()
    private var listedAt: Duration?
    private var canWatchList: Bool

    /// - Parameter canWatchList: the server is of ``ServerVersion/firstWithWatchList`` or later.
    package init(canWatchList: Bool = false) {
        self.canWatchList = canWatchList
    }

    private enum Phase {
        case idle
        /// `isPaged` until a continuation expired, after which the list is asked for as a whole.
        case listing(isPaged: Bool, token: String?)
        case listingByWatch(since: Duration)
        case watching(Watch)
        case waiting(thenWatchAfter: String?)
    }

    fileprivate struct Watch {
        var resourceVersion: String
        /// `nil` until the server answers.
        var openedAt: Duration?
        var progressedAt: Duration
        var hasBytes = false
        var hasEvents = false
    }

    // MARK: - Events

    /// `now` is of a clock that does not jump, since any moment.
    package mutating func receive(
        _ event: Event, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch phase {
        case .idle: return event == .begun ? [list(at: now, using: &generator)] : []
        case .listing(let isPaged, let token):
            switch event {
            case .listed(let page): return receive(page, isPaged: isPaged, at: now, using: &generator)
            case .failed(.refused(let failure)) where failure.kind == .expired && token != nil:
                // What the status offers instead of the token would go on with another state.
                gathered = []
                phase = .listing(isPaged: false, token: nil)
                return [.list(limit: nil, token: nil)]
            case .failed(let error): return wait(error, thenWatchAfter: nil, using: &generator)
            case .begun, .opened, .received, .ended, .waited: return []
            }
        case .listingByWatch(let since):
            return receive(event, listedByWatchSince: since, at: now, using: &generator)
        case .watching(let watch): return receive(event, in: watch, at: now, using: &generator)
        case .waiting(let version):
            guard event == .waited else { return [] }
            return [
                version.map { self.watch(after: $0, at: now, using: &generator) }
                    ?? list(at: now, using: &generator)
            ]
        }
    }

    // MARK: - Listing

    private mutating func list(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> Action {
        listedAt = now
        gathered = []
        gatheredByKey = [:]
        if canWatchList {
            phase = .listingByWatch(since: now)
            return .watchList(timeLimit: Int.random(in: Self.timeLimits, using: &generator))
        }
        phase = .listing(isPaged: true, token: nil)
        return .list(limit: Self.pageLimit, token: nil)
    }

    private mutating func receive(
        _ page: ListPage, isPaged: Bool, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        gathered += page.objects
        guard page.continueToken.isEmpty else {
            phase = .listing(isPaged: isPaged, token: page.continueToken)
            return [.list(limit: isPaged ? Self.pageLimit : nil, token: page.continueToken)]
        }
        defer { gathered = [] }
        return [.replace(gathered), watch(after: page.resourceVersion, at: now, using: &generator)]
    }

    /// Whatever goes wrong here, the plain list is asked for from now on.
    private mutating func receive(
        _ event: Event, listedByWatchSince since: Duration, at now: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch event {
        case .opened, .begun, .listed, .waited: return []
        case .received(let events):
            for (index, event) in events.enumerated() {
                switch event {
                case .added(let object), .modified(let object): gatheredByKey[object.key] = object
                case .deleted(let object): gatheredByKey[object.key] = nil
                case .bookmark(_, endsInitialEvents: false): break
                case .bookmark(let version, endsInitialEvents: true):
                    var watch = Watch(resourceVersion: version, openedAt: since, progressedAt: now)
                    watch.hasBytes = true
                    phase = .watching(watch)
                    let rest = Array(events[(index + 1)...])
                    let objects = gatheredByKey.values.sorted { $0.key < $1.key }
                    gatheredByKey = [:]
                    return [.replace(objects)]
                        + receive(.received(rest), in: watch, at: now, using: &generator)
                case .failed(let failure):
                    canWatchList = false
                    return wait(.refused(failure), thenWatchAfter: nil, using: &generator)
                }
            }
            guard now - since <= Self.watchListLimit else {
                canWatchList = false
                return [list(at: now, using: &generator)]
            }
            return []
        case .ended:
            canWatchList = false
            return wait(nil, thenWatchAfter: nil, using: &generator)
        case .failed(let error):
            canWatchList = false
            return wait(error, thenWatchAfter: nil, using: &generator)
        }
    }

    private mutating func listAgain(
        at now: Duration, after error: APIError?, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        if let listedAt, now - listedAt < Self.shortestListInterval {
            return wait(error, thenWatchAfter: nil, using: &generator)
        }
        return [list(at: now, using: &generator)]
    }

    // MARK: - Watching

    private mutating func watch(
        after version: String, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> Action {
        phase = .watching(Watch(resourceVersion: version, progressedAt: now))
        return .watch(after: version, timeLimit: Int.random(in: Self.timeLimits, using: &generator))
    }

    private mutating func receive(
        _ event: Event, in watch: Watch, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        var watch = watch
        switch event {
        case .begun, .listed, .waited: return []
        case .opened:
            watch.openedAt = now
            watch.progressedAt = now
            phase = .watching(watch)
            return []
        case .received(let events): return receive(events, in: watch, at: now, using: &generator)
        case .ended:
            return watchAgain(watch, after: nil, at: now, using: &generator)
        case .failed(.refused(let failure)):
            switch failure.kind {
            case .expired: return listAgain(at: now, after: .refused(failure), using: &generator)
            case .unknownResource, .tooEarly:
                return wait(.refused(failure), thenWatchAfter: nil, using: &generator)
            case .badRequest, .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .tooLarge,
                .unsupportedMediaType, .invalid, .tooManyRequests, .disruptionBudget, .timeout, .unavailable,
                .internalError, .unexpected:
                return wait(
                    .refused(failure), thenWatchAfter: watch.resourceVersion, using: &generator)
            }
        case .failed(.transport(.silent)) where watch.openedAt != nil && !watch.hasBytes:
            // Not even a bookmark: the server may know none of our version, as after its store was restored.
            return listAgain(at: now, after: .transport(.silent), using: &generator)
        case .failed(.transport(let failure)):
            return watchAgain(watch, after: .transport(failure), at: now, using: &generator)
        case .failed(.malformed(let answer)):
            // The same line would come again.
            return listAgain(at: now, after: .malformed(answer), using: &generator)
        }
    }

    private mutating func receive(
        _ events: [WatchEvent], in watch: Watch, at now: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        var watch = watch
        var actions: [Action] = []
        watch.hasBytes = true
        for event in events {
            switch event {
            case .added(let object), .modified(let object), .deleted(let object):
                watch.hasEvents = true
                watch.advance(to: object.resourceVersion, at: now)
                actions.append(.apply(event))
            case .bookmark(let version, _): watch.advance(to: version, at: now)
            case .failed(let failure):
                return actions + receive(.failed(.refused(failure)), in: watch, at: now, using: &generator)
            }
            delay.reset()
        }
        phase = .watching(watch)
        if now - watch.progressedAt > Self.progressLimit {
            actions += listAgain(at: now, after: nil, using: &generator)
        }
        return actions
    }

    /// At once after a watch that was one, else after a delay.
    private mutating func watchAgain(
        _ watch: Watch, after error: APIError?, at now: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard let openedAt = watch.openedAt, watch.hasEvents || now - openedAt >= Self.shortestWatch else {
            return wait(error, thenWatchAfter: watch.resourceVersion, using: &generator)
        }
        delay.reset()
        return [self.watch(after: watch.resourceVersion, at: now, using: &generator)]
    }

    private mutating func wait(
        _ error: APIError?, thenWatchAfter version: String?, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        phase = .waiting(thenWatchAfter: version)
        var minimum: Duration?
        if case .refused(let failure) = error { minimum = failure.retryAfter }
        return [.wait(delay.next(atLeast: minimum, using: &generator))]
    }
}

extension Watcher.Watch {
    /// Never back: an event that comes late does not undo those before it.
    fileprivate mutating func advance(to version: String, at now: Duration) {
        progressedAt = now
        guard !version.isEmpty else { return }
        if let new = UInt64(version), let old = UInt64(resourceVersion), new < old { return }
        resourceVersion = version
    }
}
