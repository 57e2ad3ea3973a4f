import Kubernetes
import Testing

@testable import ClusterModel

/// Whose fields are whose, as `managedFields` tells it.
struct OwnershipTests {
    private let path = "/api/v1/namespaces/default/configmaps"

    private func map(_ data: [String: String]) -> JSON {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": JSON(data)]
    }

    private func owners(of object: JSON) -> [String: JSON] {
        FieldOwner.all(of: object).reduce(into: [:]) {
            $0["\($1.manager)/\($1.isApplied ? "Apply" : "Update")"] = $1.fields.json
        }
    }

    @Test func `an applier owns what it applies, a writer what it changes`() throws {
        var talk = Conversation()
        talk.say(
            "PATCH", "\(path)/a", map(["x": "1", "y": "1"]), ["fieldManager": "one"],
            as: "application/apply-patch+yaml")
        let changed = talk.say(
            "PATCH", "\(path)/a", ["data": ["y": "2", "z": "1"]], ["fieldManager": "two"],
            as: "application/merge-patch+json")
        #expect(
            owners(of: changed.body) == [
                "one/Apply": ["f:data": ["f:x": [:]]], "two/Update": ["f:data": ["f:y": [:], "f:z": [:]]],
            ])
    }

    @Test func `a conflict is over another value, not over the same`() {
        var talk = Conversation()
        let apply = { (talk: inout Conversation, manager: String, data: [String: String], force: Bool) in
            talk.say(
                "PATCH", "\(path)/a", map(data), ["fieldManager": manager, "force": "\(force)"],
                as: "application/apply-patch+yaml")
        }
        #expect(apply(&talk, "one", ["x": "1"], false).status == 201)
        #expect(apply(&talk, "two", ["x": "1"], false).status == 200)
        #expect(apply(&talk, "two", ["x": "2"], false).status == 409)
        let forced = apply(&talk, "two", ["x": "2"], true)
        #expect(forced.body["data"] == ["x": "2"])
        #expect(owners(of: forced.body) == ["two/Apply": ["f:data": ["f:x": [:]]]])
    }

    @Test func `what one applier gives up stays while another has it`() {
        var talk = Conversation()
        let apply = { (talk: inout Conversation, manager: String, data: [String: String]) in
            talk.say(
                "PATCH", "\(path)/a", map(data), ["fieldManager": manager], as: "application/apply-patch+yaml"
            ).body["data"]
        }
        _ = apply(&talk, "one", ["x": "1", "y": "1"])
        _ = apply(&talk, "two", ["y": "1"])
        #expect(apply(&talk, "one", [:]) == ["y": "1"])
        #expect(apply(&talk, "two", [:]) == [:])
    }

    @Test func `items of a list by key are owned one by one`() throws {
        let shape = Shape.builtIn("spec")
        let old: JSON = ["containers": [["name": "a", "image": "1"], ["name": "b", "image": "1"]]]
        let new: JSON = ["containers": [["name": "b", "image": "2"], ["name": "c", "image": "1"]]]
        let change = FieldSet.changes(from: old, to: new, shape)
        #expect(
            change.set.paths == [
                #".containers[name="b"].image"#, #".containers[name="c"]"#, #".containers[name="c"].image"#,
                #".containers[name="c"].name"#,
            ])
        #expect(change.removed.paths.first == #".containers[name="a"]"#)
        #expect(FieldSet(change.set.json) == change.set)
    }
}
