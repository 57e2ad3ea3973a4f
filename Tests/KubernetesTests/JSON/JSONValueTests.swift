import Kubernetes
import Testing

struct JSONValueTests {
    @Test func `fields are rendered in the order of their names' bytes`() throws {
        let text = #"{"é":1,"b":[1.50,-3,true,null],"a":"\u0007\"\\\n\/","B":{}}"#
        let value = try JSON(parsing: Array(text.utf8))
        #expect(value.description == #"{"B":{},"a":"\u0007\"\\\n/","b":[1.50,-3,true,null],"é":1}"#)
        #expect(try JSON(parsing: value.rendered) == value)
    }

    @Test func `strings are equal when their bytes are`() {
        #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
        #expect(JSON.number("1.0") != JSON.number("1.00"))
        #expect(JSON.integer(1) != JSON.string("1"))
        #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1])
    }

    @Test func `a path is read and written`() {
        var value: JSON = ["metadata": ["name": "a", "labels": ["app": "x"]], "spec": 7]
        #expect(value["metadata", "name"]?.string == "a")
        #expect(value["metadata", "name", "x"] == nil)
        #expect(value["spec", "replicas"] == nil)
        value["metadata", "annotations", "weir.dev/inject"] = "true"
        value["spec", "replicas"] = 3
        value["metadata", "labels", "app"] = nil
        value["status", "phase"] = nil
        value["metadata", "name", "x"] = nil
        #expect(
            value == [
                "metadata": ["name": "a", "labels": [:], "annotations": ["weir.dev/inject": "true"]],
                "spec": ["replicas": 3],
            ])
    }

    @Test func `text of other types is left out of maps and lists of text`() {
        #expect((["a": "b", "c": 1] as JSON).stringMap == ["a": "b"])
        #expect((["a", 1, "b"] as JSON).strings == ["a", "b"])
        #expect(JSON.null.stringMap.isEmpty && JSON.null.strings.isEmpty)
        #expect(JSON(["a": "b"]) == ["a": "b"] && JSON(["a"]) == ["a"])
    }

    // RFC 7386, appendix A.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#), (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `a merge patch does what its specification says`(value: String, patch: String, result: String) throws
    {
        let merged = try JSON(parsing: Array(value.utf8)).merging(JSON(parsing: Array(patch.utf8)))
        #expect(merged.description == result)
    }
}
