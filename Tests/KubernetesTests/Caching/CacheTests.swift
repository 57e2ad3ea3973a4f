import Kubernetes
import Testing

struct CacheTests {
    func object(_ name: String, uid: String = "", _ version: String, _ value: JSON = 0) throws -> APIObject {
        try APIObject([
            "metadata": [
                "name": .string(name), "namespace": "n", "uid": .string(uid.isEmpty ? name : uid),
                "resourceVersion": .string(version),
            ], "value": value,
        ])
    }

    @Test func `a list tells what was added, changed and is gone`() throws {
        var cache = Cache()
        let (a, b, c) = (try object("a", "1"), try object("b", "2"), try object("c", "3"))
        #expect(cache.replace(with: [b, a]) == [.added(a), .added(b)])
        let changed = try object("b", "4", 1)
        #expect(
            cache.replace(with: [changed, c]) == [.deleted(a), .modified(from: b, to: changed), .added(c)])
        #expect(cache.replace(with: [c, changed]) == [])
        #expect(cache.count == 2 && cache[b.key] == changed && cache[a.key] == nil)
        #expect(cache.replace(with: []) == [.deleted(changed), .deleted(c)])
        #expect(cache.count == 0 && cache.objects().isEmpty)
    }

    @Test func `a list is believed, also when it goes back`() throws {
        var cache = Cache()
        let (new, restored) = (try object("a", "90"), try object("a", "5", 1))
        _ = cache.replace(with: [new])
        #expect(cache.replace(with: [restored]) == [.modified(from: new, to: restored)])
    }

    @Test func `another UID under the same name is a deletion and an addition`() throws {
        var cache = Cache()
        let (first, second, third) = (
            try object("a", uid: "1", "1"), try object("a", uid: "2", "5"), try object("a", uid: "3", "9")
        )
        _ = cache.replace(with: [first])
        #expect(cache.apply(.modified(second)) == [.deleted(first), .added(second)])
        #expect(cache.replace(with: [third]) == [.deleted(second), .added(third)])
        // Late news of those before.
        #expect(cache.apply(.modified(second)) == [])
        #expect(cache.apply(.deleted(try object("a", uid: "1", "3"))) == [])
        #expect(cache[third.key] == third)
    }

    @Test func `events change what they tell of, once`() throws {
        var cache = Cache()
        let (a, changed, gone) = (try object("a", "1"), try object("a", "2", 1), try object("a", "3", 1))
        #expect(cache.apply(.added(a)) == [.added(a)])
        #expect(cache.apply(.added(a)) == [])
        #expect(cache.apply(.modified(changed)) == [.modified(from: a, to: changed)])
        #expect(cache.apply(.modified(a)) == [])
        #expect(cache.apply(.bookmark(resourceVersion: "9", endsInitialEvents: false)) == [])
        #expect(cache.apply(.deleted(gone)) == [.deleted(gone)])
        #expect(cache.apply(.deleted(gone)) == [])
        #expect(cache.count == 0)
    }

    @Test func `news from before a deletion does not bring the object back`() throws {
        var cache = Cache()
        _ = cache.apply(.added(try object("a", "1")))
        _ = cache.apply(.deleted(try object("a", "5")))
        #expect(cache.apply(.modified(try object("a", "3"))) == [])
        #expect(cache.apply(.modified(try object("a", "5"))) == [])
        // It left what was selected, and came back.
        let back = try object("a", "6")
        #expect(cache.apply(.added(back)) == [.added(back)])
        for index in 0..<5000 { _ = cache.apply(.deleted(try object("x\(index)", "7"))) }
        #expect(cache.apply(.added(try object("x4999", "6"))) == [])
    }

    @Test func `versions that are no numbers are taken as they come`() throws {
        var cache = Cache()
        let (z, a) = (try object("a", "z"), try object("a", "a", 1))
        _ = cache.apply(.added(z))
        #expect(cache.apply(.modified(a)) == [.modified(from: z, to: a)])
        #expect(cache.apply(.deleted(z)) == [.deleted(z)])
    }

    @Test func `objects are found by namespace`() throws {
        var cache = Cache()
        let other = try APIObject(["metadata": ["name": "a", "namespace": "m"]])
        let node = try APIObject(["metadata": ["name": "node"]])
        _ = cache.replace(with: [try object("a", "1"), try object("b", "1"), other, node])
        #expect(cache.objects(in: "n").count == 2 && cache.objects(in: "m") == [other])
        #expect(
            cache.objects(in: "").first == node && cache.objects(in: "x").isEmpty
                && cache.objects().count == 4)
    }
}
