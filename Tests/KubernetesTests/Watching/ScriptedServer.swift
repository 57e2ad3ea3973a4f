import Kubernetes
import SeededRandomness
import Synchronization

/// A small API server of one kind, whose watches end in every way a watch can, and whose objects change while
/// it is asked. It ends the task that watches it once it was cut often enough and has told everything.
final class ScriptedServer: APIServer {
    struct State {
        var generator: SeededGenerator
        var objects: [String: JSON] = [:]
        var version: UInt64 = 100
        var log: [(version: UInt64, line: [UInt8])] = []
        /// Older versions are forgotten.
        var compacted: UInt64 = 0
        var cutCount = 0
        var listCount = 0
        var uidCount = 0
    }

    let state: Mutex<State>
    let cutLimit: Int
    /// Whether versions are ever forgotten, which makes the watcher list.
    let compacts: Bool

    init(seed: UInt64, cutLimit: Int, compacts: Bool) {
        self.cutLimit = cutLimit
        self.compacts = compacts
        var state = State(generator: SeededGenerator(seed: seed))
        for _ in 0..<20 { state.write() }
        state.log = []
        state.compacted = state.version
        self.state = Mutex(state)
    }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        let compacts = compacts
        return try state.withLock { state throws(TransportFailure) in
            state.listCount += 1
            if state.chance(8) { throw .timedOut }
            if state.chance(8) { return APIResponse(status: 503) }
            return state.page(request, expires: compacts && state.chance(8))
        }
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        let version = request.query.first { $0.name == "resourceVersion" }.flatMap { UInt64($0.value) } ?? 0
        return try state.withLock { state throws(TransportFailure) in
            if state.chance(10) { throw .connectionFailed("refused") }
            if state.chance(10) { return Stream(self, status: 429, version) }
            return Stream(self, status: 200, version)
        }
    }

    final class Stream: ResponseStream {
        let status: Int
        let headers: [APIResponse.Header] = []
        private let server: ScriptedServer
        /// `nil` once the connection is cut.
        private let version: Mutex<UInt64?>

        init(_ server: ScriptedServer, status: Int, _ version: UInt64) {
            self.server = server
            self.status = status
            self.version = Mutex(version)
        }

        func next() async throws(TransportFailure) -> [UInt8]? {
            guard status == 200 else { return nil }
            guard let known = version.withLock(\.self) else { throw .cutShort }
            let chunk = try server.chunk(after: known)
            version.withLock { $0 = chunk?.version }
            return chunk?.bytes
        }
    }

    /// What is told next of what came after a version.
    private func chunk(
        after version: UInt64
    ) throws(TransportFailure) -> (bytes: [UInt8], version: UInt64?)? {
        try state.withLock { state throws(TransportFailure) in
            if state.cutCount < cutLimit { for _ in 0..<state.random(3) { state.write() } }
            if compacts, state.cutCount < cutLimit, state.chance(20) {
                state.compacted = state.version
                state.log = []
            }
            guard version >= state.compacted else {
                let line =
                    #"{"type":"ERROR","object":{"kind":"Status","reason":"Expired","code":410}}"# + "\n"
                return (Array(line.utf8), version)
            }
            let news = state.log.filter { $0.version > version }.prefix(1 + state.random(4))
            if state.cutCount >= cutLimit {
                guard !news.isEmpty else {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    throw .cancelled
                }
            } else if state.chance(3) {
                state.cutCount += 1
                switch state.random(4) {
                case 0: return nil
                case 1: throw compacts ? .silent : .cutShort
                case 2: throw .cutShort
                default:
                    // Cut within a line, of which nothing was told.
                    let line = news.first?.line ?? Array(#"{"type":"BOOKMARK"}"#.utf8)
                    return (Array(line.prefix(state.random(line.count))), nil)
                }
            }
            var bytes = news.flatMap(\.line)
            if state.chance(5) {
                // Told twice.
                bytes = news.prefix(1).flatMap(\.line) + bytes
            }
            let last = news.last?.version ?? version
            if state.chance(4) {
                bytes += Array(
                    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"\(last)\"}}}\r\n"
                        .utf8)
            }
            return (bytes, last)
        }
    }
}

extension ScriptedServer.State {
    mutating func random(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &generator) }
    mutating func chance(_ oneIn: Int) -> Bool { random(oneIn) == 0 }

    /// Adds, changes, deletes or replaces one of thirty objects.
    mutating func write() {
        let name = "o\(random(30))"
        version += 1
        guard let old = objects[name] else {
            uidCount += 1
            objects[name] = [
                "metadata": [
                    "name": .string(name), "namespace": "n", "uid": "u\(uidCount)",
                    "resourceVersion": "\(version)",
                ], "value": .integer(Int64(version)),
            ]
            return tell("ADDED", name)
        }
        var new = old
        new["metadata", "resourceVersion"] = "\(version)"
        new["value"] = .integer(Int64(version))
        objects[name] = new
        guard chance(3) else { return tell("MODIFIED", name) }
        tell("DELETED", name)
        objects[name] = nil
    }

    private mutating func tell(_ type: String, _ name: String) {
        guard let object = objects[name] else { return }
        log.append((version, Array("{\"type\":\"\(type)\",\"object\":\(object)}\n".utf8)))
    }

    /// Seven objects a page, by name.
    func page(_ request: APIRequest, expires: Bool) -> APIResponse {
        let token = request.query.first { $0.name == "continue" }?.value
        if token != nil, expires {
            return APIResponse(
                status: 410,
                body: Array(
                    #"{"kind":"Status","reason":"Expired","code":410,"metadata":{"continue":"x"}}"#.utf8))
        }
        // One state for all pages: the token carries it.
        let isLimited = request.query.contains { $0.name == "limit" }
        let items: [JSON]
        let listed: String
        if let token {
            let parts = token.split(separator: "|", maxSplits: 1)
            listed = String(parts[0])
            items = (try? JSON(parsing: Array(String(parts[1]).utf8)))?.array ?? []
        } else {
            listed = "\(version)"
            items = objects.sorted { $0.key < $1.key }.map(\.value)
        }
        let page = isLimited ? Array(items.prefix(7)) : items
        let rest = Array(items.dropFirst(page.count))
        var list: JSON = ["metadata": ["resourceVersion": .string(listed)], "items": .array(page)]
        if !rest.isEmpty { list["metadata", "continue"] = .string("\(listed)|\(JSON.array(rest))") }
        return APIResponse(status: 200, body: list.rendered)
    }
}

/// A clock on which nobody waits: sleeping moves it.
final class LeapingClock: Clock {
    struct Instant: InstantProtocol {
        var time: Swift.Duration

        func advanced(by duration: Swift.Duration) -> Self { Instant(time: time + duration) }
        func duration(to other: Self) -> Swift.Duration { other.time - time }
        static func < (left: Self, right: Self) -> Bool { left.time < right.time }
    }

    private let time = Mutex(Swift.Duration.zero)
    var now: Instant { Instant(time: time.withLock(\.self)) }
    let minimumResolution = Swift.Duration.nanoseconds(1)

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline.time) }
    }
}
