import ClusterServer
import Kubernetes
import SeededRandomness
import Synchronization
import Testing

@testable import Operator

/// Watches that end at any time, a thousand times, over TLS.
struct WatchCutTests {
    @Test(.timeLimit(.minutes(5)))
    func `a thousand cuts lose no event`() async throws {
        try await OperatorPlay.run { play in
            try await play.create(.configMaps, Self.map("first"))
            let delivered = Mutex<Set<String>>([])
            let reflector = Reflector(
                .configMaps, Selection(namespace: "clinic"), of: play.client(), clock: HastyClock())
            let (states, first) = AsyncStream.makeStream(of: Void.self)
            let watching = Task {
                await reflector.run { delivery in
                    guard case .change(let event) = delivery else { return first.finish() }
                    switch event {
                    case .added(let object), .modified(let object), .deleted(let object):
                        delivered.withLock { _ = $0.insert(object.resourceVersion) }
                    case .bookmark, .failed: break
                    }
                }
            }
            defer { watching.cancel() }
            for await _ in states {}
            var generator = SeededGenerator(seed: 20_261_129)
            var cuts = 0
            while cuts < 1000 {
                let faults = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    Bool.random(using: &generator) ? Faults.WatchFault.cut : .truncated
                }
                cuts += faults.count
                play.host.inject { $0.watchFaults += faults }
                var written: Set<String> = []
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let number = "\(UInt32.random(in: 0...UInt32.max, using: &generator))"
                    let patched = try await play.api.answer(
                        to: try .patch(
                            .configMaps, ObjectKey(namespace: "clinic", name: "first"),
                            merging: ["data": ["number": .string(number)]],
                            WriteOptions(fieldManager: "test")))
                    written.insert(patched["metadata", "resourceVersion"]?.string ?? "")
                }
                // All of the faults have happened by then.
                try await eventually("every event is delivered") {
                    delivered.withLock { written.isSubset(of: $0) }
                }
            }
        }
    }

    private static func map(_ name: String) -> JSON {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["namespace": "clinic", "name": .string(name)], "data": [:],
        ]
    }
}

/// Time as it is, but whoever waits need not wait long.
private struct HastyClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(
            for: min(.milliseconds(2), ContinuousClock.now.duration(to: deadline)))
    }
}
