import Kubernetes
import Testing

struct JSONParsingTests {
    func parse(_ text: String, keeping projection: JSON.Projection = .everything) throws -> JSON {
        try JSON(parsing: Array(text.utf8), keeping: projection)
    }

    @Test(
        arguments: [
            ("null", .null), (" true\n", true), ("false", false), ("0", 0), ("-7", -7),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775808", .number("9223372036854775808")), ("1.50", .number("1.50")),
            ("1e3", .number("1e3")), ("-0.0E-1", .number("-0.0E-1")),
            (#""""#, ""), (#""é😀""#, "é😀"),
            (#""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#, "é😀\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u0000""#, "\0"), ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", [:]),
            (#"{"b": 1, "a": {"": null}}"#, ["a": ["": .null], "b": 1]),
        ] as [(String, JSON)])
    func `a text is the value it says`(text: String, value: JSON) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nullx", "tru", "True", "1 2", "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "1,",
        "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{}}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
        "{a:1}", "{1:2}", "{\"a\" 1}", "'a'", "\"", "\"a", "\"\\", "\"\\\"", "\"\n\"", "\"\u{1f}\"",
        #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud83d""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ude00""#,
        "\u{feff}1", "// 1\n1", "\u{a0}1",
    ])
    func `what is no JSON is not read`(text: String) {
        #expect { try parse(text) } throws: { ($0 as? JSONError)?.reason == .malformed }
    }

    @Test(
        arguments: [
            [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are not read`(bytes: [UInt8]) {
        #expect(throws: JSONError(.notUTF8, at: 1)) { try JSON(parsing: bytes) }
    }

    @Test(arguments: 0...40)
    func `a string ends where it does, whatever stands before and after`(length: Int) throws {
        let plain = String(repeating: "é", count: length / 2) + String(repeating: "!", count: length % 2)
        for after in ["", "]", ", \"next\" ]"] {
            #expect(throws: JSONError.self) { try parse("\"\(plain)\"\(after)x") }
            let text = "[\"\(plain)\"" + (after.isEmpty ? "]" : after)
            #expect(try parse(text).array?.first == .string(plain))
        }
        for place in 0...length {
            let head = String(repeating: "a", count: place)
            let tail = String(repeating: "b", count: length - place)
            #expect(try parse("\"\(head)\\\"\(tail)\"") == .string(head + "\"" + tail))
            #expect(try parse("\"\(head)\u{7f}\u{80}\(tail)\"") == .string(head + "\u{7f}\u{80}" + tail))
            for control in ["\0", "\u{1f}", "\n"] {
                #expect(throws: JSONError(.malformed, at: place + 1)) {
                    try parse("\"\(head)\(control)\(tail)\"")
                }
            }
            #expect(throws: JSONError(.malformed, at: length + 1)) { try parse("\"" + head + tail) }
        }
    }

    @Test func `names that are alike are not taken for each other`() throws {
        // All of one length, with the same first and last byte.
        let names = ["axxb", "axyb", "ayxb", "ayyb", "a\u{e9}b"]
        for first in names {
            for second in names where second != first {
                let object = #"{"\#(first)":1,"\#(second)":2}"#
                let value = try parse("[\(object),\(object)]")
                let fields: JSON = .object(JSON.Object([(first, 1), (second, 2)]))
                #expect(value == .array([fields, fields]))
            }
        }
    }

    @Test func `a field may occur once, however its name is written`() throws {
        #expect(throws: JSONError(.duplicateName("a"), at: 19)) { try parse(#"{"b":1,"a":1,"a":2}"#) }
        for text in [
            #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#, #"{"":1,"":2}"#, #"{"":1,"a":2,"":3}"#,
            #"{"a":1,"a":2}"#, #"{"a":1,"\u0062":2,"a":3}"#,
        ] {
            #expect(throws: JSONError.self) { try parse(text) }
        }
        // In the order of what the escapes stand for.
        #expect(try parse(#"{"Z":1,"\u0030":2,"\u007a":3,"a":4}"#).object?.names == ["0", "Z", "a", "z"])
        #expect(try parse(#"{"ab":1,"a":2,"":3}"#).object?.names == ["", "a", "ab"])
        // Two names to the server, whatever Unicode thinks of them.
        #expect(try parse("{\"\u{e9}\":1,\"e\u{301}\":2}").object?.count == 2)
    }

    @Test func `every limit is met from both sides`() throws {
        var limits = JSON.Limits()
        limits.depth = 3
        #expect(throws: Never.self) { try JSON(parsing: Array("[[[1]]]".utf8), limits: limits) }
        #expect(throws: JSONError(.tooDeep(limit: 3), at: 3)) {
            try JSON(parsing: Array("[[[[1]]]]".utf8), limits: limits)
        }
        limits.values = 4
        #expect(throws: Never.self) { try JSON(parsing: Array("[1,2,3]".utf8), limits: limits) }
        #expect(throws: JSONError(.tooManyValues(limit: 4), at: 7)) {
            try JSON(parsing: Array("[1,2,3,4]".utf8), limits: limits)
        }
        #expect(throws: Never.self) { try JSON(parsing: Array("123".utf8), limits: .init(length: 3)) }
        #expect(throws: JSONError(.tooLong(limit: 3), at: 0)) {
            try JSON(parsing: Array("1234".utf8), limits: .init(length: 3))
        }
    }

    @Test func `the deepest value is read, rendered and forgotten`() throws {
        let depth = JSON.Limits().depth
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try parse(text).description == text)
        #expect(throws: JSONError.self) { try parse("[\(text)]") }
        let fields = String(repeating: #"{"a":"#, count: 100_000)
        #expect(throws: JSONError.self) { try parse(fields) }
    }

    @Test func `a projection keeps what it names and checks the rest`() throws {
        let projection = JSON.Projection([
            ["metadata", "name"], ["status", "containers", "*", "ready"], ["spec", "*", "port"], ["whole"],
        ])
        let kept = try parse(
            #"""
            {"metadata":{"name":"a","managedFields":[{"x":{"\"":[1,"\\"]}}]},
             "status":{"containers":[{"ready":true,"image":"i"},{"image":"j"}],"phase":"Running"},
             "spec":{"a":{"port":1,"x":2},"b":{"port":3},"c":4},"whole":[{"y":[1]}],"kind":"Pod"}
            """#, keeping: projection)
        #expect(
            kept == [
                "metadata": ["name": "a"], "status": ["containers": [["ready": true], [:]]],
                "spec": ["a": ["port": 1], "b": ["port": 3], "c": 4], "whole": [["y": [1]]],
            ])
        for text in [
            #"{"other":}"#, #"{"other":[1,]}"#, #"{"other":"\"#, #"{"other":{"a" 1}}"#, "{\"other\":01}",
        ] {
            #expect(throws: JSONError.self) { try parse(text, keeping: projection) }
        }
    }

    @Test func `projections add up`() throws {
        let sum = JSON.Projection([["a", "b"]]) + JSON.Projection([["a", "c"], ["d"]]).nested(under: "e")
        #expect(
            try parse(#"{"a":{"b":1,"c":2},"e":{"a":{"b":1,"c":2},"d":3}}"#, keeping: sum)
                == ["a": ["b": 1], "e": ["a": ["c": 2], "d": 3]])
    }
}
