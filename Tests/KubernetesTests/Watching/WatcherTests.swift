import Kubernetes
import SeededRandomness
import Testing

/// Transcripts: what happened, and what the watcher asks for then.
struct WatcherTests {
    /// A watcher and its clock; chance always falls on the least.
    struct Transcript: ~Copyable {
        var watcher: Watcher
        var now = Duration.zero
        var generator = LowestGenerator()

        init(canWatchList: Bool = false) { watcher = Watcher(canWatchList: canWatchList) }

        mutating func after(_ event: Watcher.Event) -> [Watcher.Action] { after(.zero, event) }

        mutating func after(_ duration: Duration, _ event: Watcher.Event) -> [Watcher.Action] {
            now += duration
            return watcher.receive(event, at: now, using: &generator)
        }

        /// As after a list at version 10 an hour ago.
        static func watching() -> Transcript {
            var transcript = Transcript()
            _ = transcript.after(.begun)
            _ = transcript.after(.listed(ListPage(objects: [], resourceVersion: "10")))
            _ = transcript.after(.opened)
            _ = transcript.after(.seconds(3600), .received([bookmark("10")]))
            return transcript
        }
    }

    static func bookmark(_ version: String) -> WatchEvent {
        .bookmark(resourceVersion: version, endsInitialEvents: false)
    }

    static func object(_ name: String, _ version: String) throws -> APIObject {
        try APIObject([
            "metadata": ["name": .string(name), "uid": .string(name), "resourceVersion": .string(version)]
        ])
    }

    static func failure(_ code: Int, retryAfter: Duration? = nil) -> Watcher.Event {
        .failed(.refused(APIFailure(code: code, nil, retryAfter: retryAfter)))
    }

    static let list = Watcher.Action.list(limit: 500, token: nil)
    static func watch(_ version: String) -> Watcher.Action { .watch(after: version, timeLimit: 300) }

    @Test func `pages are put together, and the last one's version is watched`() throws {
        var transcript = Transcript()
        let (a, b) = (try Self.object("a", "1"), try Self.object("b", "2"))
        #expect(transcript.after(.begun) == [Self.list])
        #expect(
            transcript.after(.listed(ListPage(objects: [a], resourceVersion: "10", continueToken: "c")))
                == [.list(limit: 500, token: "c")])
        #expect(
            transcript.after(.listed(ListPage(objects: [b], resourceVersion: "11")))
                == [.replace([a, b]), Self.watch("11")])
    }

    @Test func `a continuation that expired is not taken up elsewhere`() throws {
        var transcript = Transcript()
        let (a, b) = (try Self.object("a", "1"), try Self.object("b", "2"))
        _ = transcript.after(.begun)
        _ = transcript.after(.listed(ListPage(objects: [a], resourceVersion: "10", continueToken: "c")))
        #expect(transcript.after(Self.failure(410)) == [.list(limit: nil, token: nil)])
        #expect(
            transcript.after(.listed(ListPage(objects: [b], resourceVersion: "12")))
                == [.replace([b]), Self.watch("12")])
    }

    @Test func `the version advances with events and bookmarks only`() throws {
        var transcript = Transcript.watching()
        let (a, b) = (try Self.object("a", "12"), try Self.object("b", "11"))
        #expect(transcript.after(.received([])) == [])
        #expect(transcript.after(.received([.added(a)])) == [.apply(.added(a))])
        #expect(transcript.after(.ended) == [Self.watch("12")])
        _ = transcript.after(.opened)
        // One that comes late does not undo the one before.
        #expect(transcript.after(.received([.deleted(b)])) == [.apply(.deleted(b))])
        #expect(transcript.after(.ended) == [Self.watch("12")])
        _ = transcript.after(.opened)
        #expect(transcript.after(.seconds(60), .received([Self.bookmark("20")])) == [])
        #expect(transcript.after(.ended) == [Self.watch("20")])
    }

    @Test func `versions that are no numbers are taken as they come`() throws {
        var transcript = Transcript.watching()
        _ = transcript.after(
            .received([.added(try Self.object("a", "zz")), .added(try Self.object("b", "b"))]))
        #expect(transcript.after(.ended) == [Self.watch("b")])
    }

    @Test func `a version that is too old lists again`() {
        var transcript = Transcript.watching()
        let expired = APIFailure(code: 410, nil)
        #expect(transcript.after(.received([.failed(expired)])) == [Self.list])
        _ = transcript.after(.listed(ListPage(objects: [], resourceVersion: "90")))
        // As an answer to the request, and again within seconds: not faster and faster.
        #expect(transcript.after(.seconds(1), Self.failure(410)) == [.wait(.milliseconds(800))])
        #expect(transcript.after(.milliseconds(800), .waited) == [Self.list])
    }

    @Test(arguments: [429, 500, 503, 504, 401, 403])
    func `a refusal backs off and keeps the version`(code: Int) {
        var transcript = Transcript.watching()
        #expect(transcript.after(.ended) == [Self.watch("10")])
        var delays: [Watcher.Action] = []
        for _ in 0..<8 {
            delays += transcript.after(Self.failure(code))
            #expect(transcript.after(.waited) == [Self.watch("10")])
        }
        #expect(
            delays
                == [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000].map { .wait(.milliseconds($0)) })
        #expect(transcript.after(Self.failure(code, retryAfter: .seconds(42))) == [.wait(.seconds(42))])
        _ = transcript.after(.waited)
        _ = transcript.after(.opened)
        _ = transcript.after(.received([Self.bookmark("11")]))
        #expect(transcript.after(.seconds(2), .ended) == [Self.watch("11")])
        #expect(transcript.after(Self.failure(code)) == [.wait(.milliseconds(800))])
    }

    @Test(arguments: [(59, 59), (60, 60), (61, 60), (3600, 60)])
    func `no server blinds a watch for longer than a minute`(asked: Int, waited: Int) {
        var transcript = Transcript.watching()
        _ = transcript.after(.ended)
        #expect(
            transcript.after(Self.failure(503, retryAfter: .seconds(asked))) == [.wait(.seconds(waited))])
    }

    @Test func `chance at most doubles a delay, and none is longer than the longest`() {
        for (failures, range) in [(0, 0.8...1.6), (2, 3.2...6.4), (9, 30...30)] {
            var transcript = Transcript()
            var generator = SeededGenerator(seed: UInt64(failures))
            var actions = transcript.watcher.receive(.begun, at: .zero, using: &generator)
            for _ in 0...failures {
                if case .wait = actions.first {
                    _ = transcript.watcher.receive(.waited, at: .zero, using: &generator)
                }
                actions = transcript.watcher.receive(Self.failure(500), at: .zero, using: &generator)
            }
            guard case .wait(let delay) = actions.first else {
                Issue.record("\(actions)")
                continue
            }
            #expect(delay >= .seconds(range.lowerBound) && delay <= .seconds(range.upperBound))
        }
    }

    @Test func `a list that fails is asked for again from its beginning`() {
        var transcript = Transcript()
        _ = transcript.after(.begun)
        _ = transcript.after(.listed(ListPage(objects: [], resourceVersion: "10", continueToken: "c")))
        #expect(transcript.after(.failed(.transport(.timedOut))) == [.wait(.milliseconds(800))])
        #expect(transcript.after(.waited) == [Self.list])
        #expect(transcript.after(Self.failure(410)) == [.wait(.milliseconds(1600))])
    }

    @Test func `a watch that ends within a second without events failed`() throws {
        var transcript = Transcript.watching()
        _ = transcript.after(.ended)
        _ = transcript.after(.opened)
        _ = transcript.after(.received([Self.bookmark("12")]))
        #expect(transcript.after(.milliseconds(999), .ended) == [.wait(.milliseconds(800))])
        _ = transcript.after(.waited)
        _ = transcript.after(.opened)
        #expect(
            transcript.after(.milliseconds(999), .failed(.transport(.cutShort))) == [
                .wait(.milliseconds(1600))
            ])
        _ = transcript.after(.waited)
        _ = transcript.after(.opened)
        _ = transcript.after(.received([.added(try Self.object("a", "13"))]))
        #expect(transcript.after(.ended) == [Self.watch("13")])
        _ = transcript.after(.opened)
        #expect(transcript.after(.seconds(1), .failed(.transport(.cutShort))) == [Self.watch("13")])
    }

    @Test func `silence after life watches on, and silence from the beginning lists`() {
        var transcript = Transcript.watching()
        #expect(transcript.after(.seconds(75), .failed(.transport(.silent))) == [Self.watch("10")])
        _ = transcript.after(.opened)
        // As of a server whose store was restored to an earlier version.
        #expect(transcript.after(.seconds(75), .failed(.transport(.silent))) == [Self.list])
    }

    @Test func `bytes without events or bookmarks list again`() {
        var transcript = Transcript.watching()
        #expect(transcript.after(.seconds(150), .received([])) == [])
        #expect(transcript.after(.seconds(1), .received([])) == [Self.list])
    }

    @Test func `a line that is no event lists again`() {
        var transcript = Transcript.watching()
        #expect(transcript.after(.failed(.malformed(MalformedAnswer("a line")))) == [Self.list])
    }

    @Test(arguments: [404, 504])
    func `a kind or a version the server does not have is listed after a delay`(code: Int) {
        var transcript = Transcript.watching()
        let json: JSON = [
            "kind": "Status", "reason": code == 404 ? "NotFound" : "Timeout",
            "details": ["causes": [["reason": "ResourceVersionTooLarge"]]],
        ]
        let failure = APIFailure(code: code, Status(json))
        #expect(transcript.after(.failed(.refused(failure))) == [.wait(.milliseconds(800))])
        #expect(transcript.after(.waited) == [Self.list])
    }

    @Test func `all objects may come as events`() throws {
        var transcript = Transcript(canWatchList: true)
        let (a1, a2, b) = (try Self.object("a", "1"), try Self.object("a", "2"), try Self.object("b", "3"))
        let c = try Self.object("c", "9")
        #expect(transcript.after(.begun) == [.watchList(timeLimit: 300)])
        #expect(transcript.after(.opened) == [])
        #expect(transcript.after(.received([.added(b), .added(a1)])) == [])
        #expect(transcript.after(.received([Self.bookmark("4"), .modified(a2)])) == [])
        let end = WatchEvent.bookmark(resourceVersion: "8", endsInitialEvents: true)
        #expect(transcript.after(.received([end, .added(c)])) == [.replace([a2, b]), .apply(.added(c))])
        #expect(transcript.after(.ended) == [Self.watch("9")])
    }

    @Test(arguments: [
        failure(422), .ended, .failed(.transport(.silent)), .received([.failed(APIFailure(code: 500, nil))]),
    ])
    func `what goes wrong with all objects as events is tried without`(event: Watcher.Event) {
        var transcript = Transcript(canWatchList: true)
        _ = transcript.after(.begun)
        _ = transcript.after(.opened)
        #expect(transcript.after(event) == [.wait(.milliseconds(800))])
        #expect(transcript.after(.waited) == [Self.list])
    }

    @Test func `all objects as events take a minute at most`() {
        var transcript = Transcript(canWatchList: true)
        _ = transcript.after(.begun)
        _ = transcript.after(.opened)
        #expect(transcript.after(.seconds(60), .received([])) == [])
        #expect(transcript.after(.seconds(1), .received([])) == [Self.list])
    }
}

/// The least of every range.
struct LowestGenerator: RandomNumberGenerator {
    /// Not 0, which the standard library refuses as biased for ranges of integers, again and again; its lower 53
    /// bits make the fraction of a `Double`.
    mutating func next() -> UInt64 { 1 << 53 }
}
