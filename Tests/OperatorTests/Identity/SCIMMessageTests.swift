import Kubernetes
import Testing

@testable import Operator

/// What messages of identity providers say of `active`, and which are refused.
struct SCIMMessageTests {
    /// `nil`: nothing.
    private func patch(_ operations: String) throws -> Bool? {
        try SCIMActivity.afterPatch(
            JSON(parsing: Array(#"{"schemas":["\#(Self.patchSchema)"],"Operations":[\#(operations)]}"#.utf8)))
    }

    private func user(_ fields: String) throws -> Bool? {
        try SCIMActivity.ofUser(JSON(parsing: Array(#"{"userName":"ann",\#(fields)}"#.utf8)))
    }

    private func kind(_ body: () throws -> Bool?) -> SCIMFault.Kind? {
        let fault = #expect(throws: SCIMFault.self) { _ = try body() }
        return fault?.kind
    }

    private static let patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    private static let urn = SCIMPath.userSchema
    /// RFC 7643, section 4.3.
    private static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

    // MARK: - PATCH

    @Test(arguments: [
        #"{"op":"replace","path":"active","value":false}"#,
        #"{"op":"add","path":"active","value":false}"#,
        #"{"op":"Replace","path":"active","value":"False"}"#,
        #"{"OP":"REPLACE","Path":"Active","Value":"FALSE"}"#,
        #"{"op":"replace","value":{"active":false}}"#,
        #"{"op":"replace","path":null,"value":{"active":false}}"#,
        #"{"op":"replace","path":"","value":{"active":"false"}}"#,
        #"{"op":"replace","value":{"Active":false,"displayName":"Ann"}}"#,
        #"{"op":"replace","path":"\#(urn):active","value":false}"#,
        #"{"op":"replace","path":"URN:IETF:params:scim:schemas:core:2.0:user:ACTIVE","value":false}"#,
        #"{"op":"replace","value":{"\#(urn):active":false}}"#,
        #"{"op":"replace","value":{"\#(urn)":{"active":false}}}"#,
        #"{"op":"replace","path":"\#(urn)","value":{"active":false}}"#,
        #"{"op":"replace","path":"active","value":[false]}"#,
        #"{"op":"replace","path":"active","value":{"value":false}}"#,
        #"{"op":"replace","path":"active","value":[{"Value":"False"}]}"#,
    ])
    func `somebody is disabled, and by its opposite enabled`(operation: String) throws {
        #expect(try patch(operation) == false)
        var opposite = operation
        for word in ["false", "False", "FALSE"] { opposite = opposite.replacing(word, with: "true") }
        #expect(try patch(opposite) == true)
    }

    @Test(arguments: [
        "0", "1", #""0""#, #""no""#, "\"\"", #"" false""#, "null", "[]", "[false,true]", "[[false]]", "{}",
        #"{"value":false,"primary":true}"#, #"{"active":false}"#, "0.0", #""disabled""#,
    ])
    func `what is no boolean is refused wherever it stands`(value: String) {
        for operation in [
            #"{"op":"replace","path":"active","value":\#(value)}"#,
            #"{"op":"add","path":"\#(Self.urn):active","value":\#(value)}"#,
            #"{"op":"replace","value":{"ACTIVE":\#(value)}}"#,
            #"{"op":"replace","value":{"\#(Self.urn)":{"active":\#(value)}}}"#,
        ] {
            #expect(kind { try patch(operation) } == .invalidValue, "\(operation)")
        }
        #expect(kind { try user(#""active":\#(value)"#) } == .invalidValue)
    }

    @Test(arguments: [
        (#"{"op":"remove","path":"active"}"#, SCIMFault.Kind.invalidValue),
        (#"{"op":"Remove","path":"\#(urn):Active","value":false}"#, .invalidValue),
        (#"{"op":"remove","path":"\#(urn)"}"#, .invalidValue),
        (#"{"op":"remove","path":"active[value eq true]"}"#, .invalidValue),
        (#"{"op":"remove"}"#, .noTarget), (#"{"op":"remove","path":"","value":{"active":false}}"#, .noTarget),
        (#"{"op":"nonsense","path":"active","value":false}"#, .invalidSyntax),
        (#"{"op":null,"path":"displayName","value":"x"}"#, .invalidSyntax),
        (#"{"path":"active","value":false}"#, .invalidSyntax),
        (#"{"op":"add","Op":"remove","path":"active","value":false}"#, .invalidSyntax),
        (#"{"op":"replace","value":{"active":true,"Active":false}}"#, .invalidSyntax),
        (#"{"op":"replace","value":{"active":true,"\#(urn)":{"active":false}}}"#, .invalidSyntax),
        (#""replace""#, .invalidSyntax),
        (#"{"op":"replace","path":"active"}"#, .invalidValue),
        (#"{"op":"replace","value":false}"#, .invalidValue), (#"{"op":"replace"}"#, .invalidValue),
        (#"{"op":"replace","value":[{"active":false}]}"#, .invalidValue),
        (#"{"op":"replace","path":"\#(urn)","value":false}"#, .invalidValue),
        (#"{"op":"replace","path":"/active","value":false}"#, .invalidPath),
        (#"{"op":"replace","path":" active","value":false}"#, .invalidPath),
        (#"{"op":"replace","path":["active"],"value":false}"#, .invalidPath),
        (#"{"op":"replace","path":"active.value","value":false}"#, .invalidPath),
        (#"{"op":"replace","path":"active[value eq true]","value":false}"#, .invalidPath),
        (#"{"op":"replace","path":"urn:scim:schemas:core:1.0:active","value":false}"#, .invalidPath),
        (#"{"op":"replace","value":{"urn:example:2.0:User":{"active":false}}}"#, .invalidPath),
    ])
    func `what may mean active and cannot be told is refused`(operation: String, expected: SCIMFault.Kind) {
        #expect(kind { try patch(operation) } == expected)
    }

    @Test(arguments: [
        #"{"op":"replace","path":"displayName","value":"Ann"}"#,
        #"{"op":"Add","path":"emails[type eq \"work:[active]\"].value","value":"a@clinic.example"}"#,
        #"{"op":"remove","path":"title"}"#,
        #"{"op":"replace","value":{"displayName":"Ann","name":{"active":0},"emails":[{"active":0}]}}"#,
        #"{"op":"replace","path":"\#(enterprise):department","value":7}"#,
        #"{"op":"add","value":{"\#(enterprise)":{"department":"x"}}}"#,
    ])
    func `what is about something else says nothing`(operation: String) throws {
        #expect(try patch(operation) == nil)
        #expect(try patch(#"{"op":"add","path":"active","value":false},\#(operation)"#) == false)
    }

    @Test func `the last operation counts, if all of them can be understood`() throws {
        let (off, on) = (
            #"{"op":"replace","path":"active","value":false}"#,
            #"{"op":"replace","path":"active","value":true}"#
        )
        #expect(try patch("\(off),\(on)") == true)
        #expect(try patch("\(on),\(off)") == false)
        #expect(kind { try patch(#"\#(off),{"op":"nonsense"}"#) } == .invalidSyntax)
    }

    @Test func `operations are there, in whatever case they are spelled`() throws {
        let operation: JSON = ["op": "replace", "path": "active", "value": false]
        let messages: [JSON] = [
            ["Operations": [operation]], ["operations": [operation]], ["OPERATIONS": [operation]],
        ]
        for message in messages { #expect(try SCIMActivity.afterPatch(message) == false) }
        for message: JSON in [[:], ["Operations": []], ["Operations": operation], ["active": false], []] {
            #expect(kind { try SCIMActivity.afterPatch(message) } == .invalidSyntax, "\(message)")
        }
    }

    // MARK: - Users

    @Test func `a user says it in its field, or in that of its schema`() throws {
        for field in [#""active""#, #""Active""#, #""ACTIVE""#, #""\#(Self.urn):active""#] {
            #expect(try user("\(field):false") == false)
            #expect(try user(#"\#(field):"True""#) == true)
        }
        #expect(try user(#""\#(Self.urn)":{"active":false}"#) == false)
        #expect(try user(#""displayName":"Ann""#) == nil)
        #expect(kind { try SCIMActivity.ofUser([["active": false]]) } == .invalidSyntax)
    }

    // MARK: - Filters

    @Test(arguments: [
        (#"userName eq "ann""#, "ann"), (#"USERNAME EQ "Ann""#, "Ann"),
        (#"\#(urn):userName eq "ann""#, "ann"),
        (#"userName eq "a\"b\\c\u00e9""#, "a\"b\\cé"), (#"userName  eq  "ann" "#, "ann"),
        (#"userName eq "a or b eq c""#, "a or b eq c"),
    ])
    func `a filter names a user as a string of JSON`(filter: String, name: String) throws {
        #expect(try SCIMFilter(filter).userName == name)
    }

    @Test(arguments: [
        #"userName eq "a" or userName eq "b""#, #"userName eq "a" and active eq true"#, #"(userName eq "a")"#,
        #"not (userName eq "a")"#, #"userName sw "a""#, #"userName ne "a""#, #"id eq "a""#,
        #"userName.x eq "a""#,
        #"userName eq """#, #"userName eq "a"#, #"userName eq a"#, #"userName eq "a"b""#, "userName eq 7",
        "userName pr", "", #"urn:other:userName eq "a""#,
    ])
    func `any other filter is refused`(filter: String) {
        #expect(
            kind {
                _ = try SCIMFilter(filter)
                return nil
            } == .invalidFilter)
    }

    private static let queries: [(String?, String?)] = [
        (nil, nil), ("", nil), ("startIndex=1&count=2", nil),
        ("filter=userName+eq+%22ann%22", #"userName eq "ann""#),
        ("count=1&filter=userName%20eq%20%22ann%22", #"userName eq "ann""#),
        ("filter=userName+eq+%22ann%2Bx%40clinic.example%22", #"userName eq "ann+x@clinic.example""#),
        ("filter=", ""),
    ]

    @Test(arguments: queries)
    func `a query holds its filter as a form does`(query: String?, filter: String?) throws {
        #expect(try SCIMFilter.text(inQuery: query) == filter)
    }

    @Test(arguments: [
        "filter", "filter=a&filter=b", "filter=%2", "filter=%zz", "filter=%ff", "count=1&filter",
    ])
    func `a query that cannot be read is not one without a filter`(query: String) {
        #expect(
            kind {
                _ = try SCIMFilter.text(inQuery: query)
                return nil
            } == .invalidFilter)
    }
}
