import Kubernetes
import SeededRandomness
import Testing

struct WatchEventTests {
    func event(_ line: String, keeping projection: JSON.Projection = .everything) throws -> WatchEvent {
        try WatchEvent(line: Array(line.utf8), keeping: projection)
    }

    @Test func `objects come with what happened to them`() throws {
        let json: JSON = [
            "kind": "Pod", "metadata": ["name": "a", "namespace": "n", "uid": "u", "resourceVersion": "5"],
        ]
        let object = try APIObject(json)
        #expect(try event(#"{"type":"ADDED","object":\#(json)}"#) == .added(object))
        #expect(try event(#"{"object":\#(json),"type":"MODIFIED"}"#) == .modified(object))
        #expect(try event(#"{"type":"DELETED","object":\#(json)}"#) == .deleted(object))
    }

    @Test func `an object keeps its identity and what is asked for`() throws {
        let line =
            #"{"type":"ADDED","object":{"kind":"Pod","spec":{"nodeName":"x","containers":[{}]},"#
            + #""metadata":{"name":"a","uid":"u","resourceVersion":"5","managedFields":[{"f:x":{}}]}}}"#
        guard case .added(let object) = try event(line, keeping: JSON.Projection([["spec", "nodeName"]]))
        else {
            Issue.record("another event")
            return
        }
        #expect(
            object.content == [
                "kind": "Pod", "spec": ["nodeName": "x"],
                "metadata": ["name": "a", "uid": "u", "resourceVersion": "5"],
            ])
    }

    @Test(arguments: [JSON.Projection.everything, JSON.Projection([["spec"]])])
    func `bookmarks and errors survive any projection`(projection: JSON.Projection) throws {
        #expect(
            try event(
                #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"7"}}}"#,
                keeping: projection) == .bookmark(resourceVersion: "7", endsInitialEvents: false))
        #expect(
            try event(
                #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","#
                    + #""annotations":{"k8s.io/initial-events-end":"true"}}}}"#, keeping: projection)
                == .bookmark(resourceVersion: "7", endsInitialEvents: true))
        let line =
            #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#
            + #""message":"too old resource version: 1 (700)","reason":"Expired","code":410}}"#
        guard case .failed(let failure) = try event(line, keeping: projection) else {
            Issue.record("another event")
            return
        }
        #expect(failure.kind == .expired && failure.code == 410)
        #expect(failure.status?.message == "too old resource version: 1 (700)")
    }

    @Test(arguments: [
        "", "{", "[]", #"{"type":"ADDED"}"#, #"{"object":{"metadata":{"name":"a"}}}"#,
        #"{"type":"ADDED","object":{"metadata":{}}}"#,
        #"{"type":"RENAMED","object":{"metadata":{"name":"a"}}}"#,
        #"{"type":"BOOKMARK","object":{"metadata":{}}}"#, #"{"type":"ERROR","object":{"kind":"Pod"}}"#,
        #"{"type":"ADDED","object":{"metadata":{"name":"a"}}}{}"#,
    ])
    func `a line that is no event is refused`(line: String) {
        #expect(throws: MalformedAnswer.self) { try event(line) }
    }

    @Test func `a page has objects, a version and maybe a continuation`() throws {
        func page(_ body: String, _ projection: JSON.Projection = .everything) throws -> ListPage {
            try ListPage(APIResponse(status: 200, body: Array(body.utf8)), keeping: projection)
        }
        let body =
            #"{"kind":"PodList","metadata":{"resourceVersion":"9","continue":"c","remainingItemCount":1},"#
            + #""items":[{"metadata":{"name":"a","resourceVersion":"3"},"spec":{"x":1,"y":2}}]}"#
        #expect(
            try page(body, JSON.Projection([["spec", "y"]]))
                == ListPage(
                    objects: [
                        APIObject(["metadata": ["name": "a", "resourceVersion": "3"], "spec": ["y": 2]])
                    ], resourceVersion: "9", continueToken: "c"))
        #expect(try page(#"{"metadata":{"resourceVersion":"9"},"items":null}"#).objects.isEmpty)
        for body in [#"{"items":[]}"#, #"{"metadata":{"resourceVersion":"1"},"items":[{}]}"#, "<html>"] {
            #expect(throws: APIError.self) { try page(body) }
        }
    }

    @Test func `any chunking and any mutation of a watch ends in events or an error`() throws {
        let wire = Array(
            (#"{"type":"ADDED","object":{"metadata":{"name":"é\u00e9","uid":"u","resourceVersion":"5"},"n":1.5e3}}"#
                + "\n" + #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"# + "\r\n").utf8)
        let whole = try Self.events(of: wire, cutting: [])
        #expect(whole.count == 2)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let cuts = Set((0..<8).map { _ in Int.random(in: 0...wire.count, using: &generator) }).sorted()
            #expect(try Self.events(of: wire, cutting: cuts) == whole)
            var mutated = wire
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: mutated.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: mutated[index] = .random(in: 0 ... .max, using: &generator)
                case 1: mutated.remove(at: index)
                default: mutated.insert(contentsOf: mutated[index...].prefix(9), at: index)
                }
            }
            _ = try? Self.events(of: mutated, cutting: cuts.filter { $0 <= mutated.count })
        }
    }

    private static func events(of bytes: [UInt8], cutting cuts: [Int]) throws -> [WatchEvent] {
        var decoder = LineDecoder()
        var events: [WatchEvent] = []
        for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
            decoder.append(Array(bytes[start..<end]))
            while let line = try decoder.next() { events.append(try WatchEvent(line: line)) }
        }
        return events
    }
}
