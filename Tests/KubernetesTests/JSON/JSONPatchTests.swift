import Kubernetes
import SeededRandomness
import Testing

struct JSONPatchTests {
    func json(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    // RFC 6902, appendix A, and what it says of each operation.
    @Test(arguments: [
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        (
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#
        ),
        (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["a"]}]"#, #"{"foo":["bar",["a"]]}"#),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/foo","value":1}]"#, #"{"foo":1}"#),
        (#"{"baz":1,"foo":2}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":2}"#),
        (#"{"foo":[1,2,3]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":[1,3]}"#),
        (#"{"baz":1}"#, #"[{"op":"replace","path":"/baz","value":2}]"#, #"{"baz":2}"#),
        (#"[1,2]"#, #"[{"op":"replace","path":"/1","value":3}]"#, "[1,3]"),
        (#"{"a":{"b":1},"c":{}}"#, #"[{"op":"move","from":"/a/b","path":"/c/d"}]"#, #"{"a":{},"c":{"d":1}}"#),
        ("[1,2,3]", #"[{"op":"move","from":"/0","path":"/2"}]"#, "[2,3,1]"),
        (#"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":1,"b":1}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1},{"op":"replace","path":"","value":2}]"#, "2"),
        (
            #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]"#,
            #"{"~1":10}"#
        ),
        ("{}", #"[{"op":"add","path":"/","value":1}]"#, #"{"":1}"#),
    ])
    func `a patch does what its specification says`(value: String, patch: String, result: String) throws {
        let patch = try JSONPatch(json(patch))
        #expect(try json(value).applying(patch).description == result)
        #expect(patch.rendered == patch.json.rendered)
    }

    @Test(arguments: [
        #"[{"op":"remove","path":"/x"}]"#, #"[{"op":"replace","path":"/x","value":1}]"#,
        #"[{"op":"add","path":"/x/y","value":1}]"#, #"[{"op":"add","path":"/s/y","value":1}]"#,
        #"[{"op":"add","path":"/a/3","value":1}]"#, #"[{"op":"add","path":"/a/01","value":1}]"#,
        #"[{"op":"add","path":"/a/+1","value":1}]"#,
        #"[{"op":"add","path":"/a/99999999999999999999","value":1}]"#,
        #"[{"op":"remove","path":"/a/2"}]"#, #"[{"op":"remove","path":"/a/-"}]"#,
        #"[{"op":"replace","path":"/a/-","value":1}]"#, #"[{"op":"add","path":"/a/-/b","value":1}]"#,
        #"[{"op":"move","from":"/o","path":"/o/p"}]"#, #"[{"op":"copy","from":"/x","path":"/y"}]"#,
        #"[{"op":"add","path":"/y","value":1},{"op":"remove","path":"/x"}]"#,
    ])
    func `a place that is none is an error`(patch: String) throws {
        let value: JSON = ["a": [1, 2], "s": "text", "o": ["p": 1]]
        let patch = try JSONPatch(json(patch))
        #expect { try value.applying(patch) } throws: { error in
            if case JSONPatchError.noSuchPlace = error { true } else { false }
        }
    }

    @Test func `a test that fails is told apart`() throws {
        let patch = JSONPatch([.test(JSONPointer(["a"]), 2), .remove(JSONPointer(["b"]))])
        #expect(throws: JSONPatchError.testFailed(JSONPointer(["a"]))) {
            try (["a": 1] as JSON).applying(patch)
        }
    }

    @Test(arguments: [
        "{}", "[1]", #"[{"op":"add","path":"/a"}]"#, #"[{"op":"add","path":"a","value":1}]"#,
        #"[{"op":"add","path":"/~","value":1}]"#, #"[{"op":"add","path":"/~2","value":1}]"#,
        #"[{"op":"merge","path":"/a","value":1}]"#, #"[{"op":"move","path":"/a"}]"#, #"[{"path":"/a"}]"#,
    ])
    func `what is no patch is not read`(patch: String) throws {
        let patch = try json(patch)
        #expect(throws: JSONPatchError.malformed) { try JSONPatch(patch) }
    }

    @Test func `a patch is written as it is read`() throws {
        let patch = JSONPatch([
            .add(JSONPointer(["a/b", "~"]), 1), .remove(JSONPointer(["0"])), .replace(JSONPointer([]), .null),
            .move(from: JSONPointer(["a"]), to: JSONPointer([""])),
            .copy(from: JSONPointer(["b"]), to: JSONPointer(["c"])), .test(JSONPointer(["d"]), [:]),
        ])
        #expect(patch.json.array?.first == ["op": "add", "path": "/a~1b/~0", "value": 1])
        #expect(try JSONPatch(patch.json) == patch)
    }

    @Test func `a difference touches nothing that is the same`() throws {
        let pod: JSON = [
            "spec": [
                "containers": [
                    [
                        "name": "app",
                        "env": [["name": "PGHOST", "value": "db"], ["name": "X", "value": "1"]],
                    ],
                    ["name": "log"],
                ], "unknown": [1, 2],
            ]
        ]
        var injected = pod
        injected["spec", "containers"] = [
            ["name": "weir"],
            [
                "name": "app",
                "env": [["name": "PGHOST", "value": "127.0.0.1"], ["name": "X", "value": "1"]],
            ],
            ["name": "log"],
        ]
        injected["metadata", "annotations"] = ["weir.dev/hash": "1"]
        let patch = JSONPatch(from: pod, to: injected)
        #expect(
            patch.json.description == #"[{"op":"add","path":"/spec/containers/0","value":{"name":"weir"}},"#
                + #"{"op":"replace","path":"/spec/containers/1/env/0/value","value":"127.0.0.1"},"#
                + #"{"op":"add","path":"/metadata","value":{"annotations":{"weir.dev/hash":"1"}}}]"#)
        #expect(try pod.applying(patch) == injected)
        #expect(JSONPatch(from: pod, to: pod).isEmpty)
    }

    @Test func `any difference makes the one into the other`() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            let (old, new) = (JSON.random(using: &generator), JSON.random(using: &generator))
            let patch = JSONPatch(from: old, to: new)
            #expect(try old.applying(patch) == new, "\(old) to \(new)")
        }
    }
}
