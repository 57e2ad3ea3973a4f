import Kubernetes
import Testing

@testable import ClusterModel

struct StoreTests {
    private let path = "/api/v1/namespaces/default/configmaps"

    private func map(_ name: String) -> JSON {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]]
    }

    @Test func `each write has a revision, and what changes nothing has none`() {
        var talk = Conversation()
        let start = talk.cluster.revision
        talk.say("POST", path, map("a"))
        #expect(talk.cluster.revision == start + 1)
        talk.say("PATCH", "\(path)/a", ["data": ["x": "1"]], as: "application/merge-patch+json")
        talk.say("PATCH", "\(path)/a", ["data": ["x": "1"]], as: "application/merge-patch+json")
        talk.say(
            "PATCH", "\(path)/a", ["data": ["x": "2"]], ["dryRun": "All"], as: "application/merge-patch+json")
        #expect(talk.cluster.revision == start + 2)
        talk.say("DELETE", "\(path)/a")
        #expect(talk.cluster.revision == start + 3)
    }

    @Test func `a watch tells what happened since, until it is forgotten`() {
        var talk = Conversation()
        let start = talk.cluster.revision
        talk.say("POST", path, map("a"))
        talk.say("POST", path, map("b"))
        talk.say("DELETE", "\(path)/a")
        let since = ["resourceVersion": "\(start)"]
        #expect(talk.watch(path, since) == ["ADDED a", "ADDED b", "DELETED a"])
        #expect(talk.watch(path, [:]) == ["ADDED b"])
        talk.cluster.compact()
        #expect(talk.watch(path, since) == ["ERROR Expired"])
        #expect(talk.watch(path, ["resourceVersion": "\(talk.cluster.revision)"]).isEmpty)
        #expect(talk.watch(path, ["resourceVersion": "\(talk.cluster.revision + 100)"]).isEmpty)
    }

    @Test func `an object of the past is seen as it was`() {
        var talk = Conversation()
        talk.say("POST", path, map("a"))
        let then = "\(talk.cluster.revision)"
        talk.say("PATCH", "\(path)/a", ["data": ["x": "1"]], as: "application/merge-patch+json")
        talk.say("POST", path, map("b"))
        let list = talk.say("GET", path, nil, ["resourceVersion": then, "resourceVersionMatch": "Exact"])
        #expect(list.body["items"]?.array?.count == 1)
        #expect(list.body["items"]?.array?.first?["data"] == nil)
    }

    @Test func `bytes that are no request are refused, never trapped on`() {
        var random = SystemRandomNumberGenerator()
        var talk = Conversation()
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0x20...0x7E, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let answer = talk.say(
                "PATCH", "/apis/\(text)", .string(text), ["resourceVersion": text, "continue": text])
            #expect(answer.status >= 400)
        }
    }
}
