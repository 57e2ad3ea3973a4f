import Kubernetes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ReflectorTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a thousand cuts lose no event`(seed: UInt64) async throws {
        let server = ScriptedServer(seed: seed, cutLimit: 1000, compacts: false)
        let delivered = Mutex<[String]>([])
        let cache = Mutex(Cache())
        await Task {
            let reflector = Reflector(.pods, of: server, clock: LeapingClock())
            await reflector.run { delivery in
                switch delivery {
                case .all(let objects): cache.withLock { _ = $0.replace(with: objects) }
                case .change(let event):
                    let changes = cache.withLock { $0.apply(event) }
                    // A change of one object tells once what happened, however often it was told.
                    if !changes.isEmpty { delivered.withLock { $0.append(Self.version(of: event)) } }
                }
            }
        }.value
        let state = server.state.withLock(\.self)
        #expect(state.cutCount == 1000)
        #expect(state.log.count > 1000)
        #expect(delivered.withLock(\.self) == state.log.map { "\($0.version)" })
        #expect(Self.content(of: cache) == state.objects)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `versions forgotten at any time end with the cache equal to the server`(seed: UInt64) async throws {
        let server = ScriptedServer(seed: seed, cutLimit: 300, compacts: true)
        let cache = Mutex(Cache())
        let failures = Mutex(0)
        await Task {
            let reflector = Reflector(.pods, of: server, clock: LeapingClock())
            await reflector.run { delivery in
                cache.withLock {
                    switch delivery {
                    case .all(let objects): _ = $0.replace(with: objects)
                    case .change(let event): _ = $0.apply(event)
                    }
                }
            } report: { _ in
                failures.withLock { $0 += 1 }
            }
        }.value
        let state = server.state.withLock(\.self)
        #expect(Self.content(of: cache) == state.objects)
        #expect(state.listCount > 30)
        #expect(failures.withLock(\.self) > 200)
    }

    private static func version(of event: WatchEvent) -> String {
        switch event {
        case .added(let object), .modified(let object), .deleted(let object): object.resourceVersion
        case .bookmark(let version, _): version
        case .failed: ""
        }
    }

    private static func content(of cache: borrowing Mutex<Cache>) -> [String: JSON] {
        let objects = cache.withLock { $0.objects() }
        return Dictionary(uniqueKeysWithValues: objects.map { ($0.key.name, $0.content) })
    }
}
