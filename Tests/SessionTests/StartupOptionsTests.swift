import Testing

@testable import Session

struct StartupOptionsTests {
    @Test(arguments: [
        ("-c weir.on_behalf_of=tok -c search_path=a", "tok", "-c search_path=a"),
        ("-cweir.on_behalf_of=tok", "tok", ""),
        ("--weir.on-behalf-of=tok  -B 3", "tok", "-B 3"),
        ("-c WEIR.On_Behalf_Of=one -c weir.on_behalf_of=two", "two", ""),
        (#"-c weir.on_behalf_of=a\ b -c x.y=\\\ z"#, "a b", #"-c x.y=\\\ z"#),
        ("-c search_path=a", nil, "-c search_path=a"),
        ("-c weir.on_behalf_of", nil, "-c weir.on_behalf_of"),
        ("-c", nil, "-c"),
    ])
    func `the token is taken out, and the rest stays`(options: String, token: String?, rest: String) {
        var parsed = StartupOptions(Array(options.utf8))
        let taken = parsed?.removeOnBehalfOf()
        #expect(taken.map { String(decoding: $0, as: UTF8.self) } == token)
        #expect(parsed.map { String(decoding: $0.bytes, as: UTF8.self) } == rest)
    }

    @Test(arguments: [
        ("-ec weir.on_behalf_of=ann", true), ("-e -Ocweir.on-behalf-of=ann", true),
        (#"-ec WEIR.on\_behalf_of=ann"#, true), ("-B -c weir.on_behalf_of=ann", false),
        ("-c weir.on_behalf_of=ann -ec weir.on_behalf_of=ben", true), ("-c search_path=weir", false),
    ])
    func `what names it otherwise is seen`(options: String, isSeen: Bool) throws {
        var parsed = try #require(StartupOptions(Array(options.utf8)))
        _ = parsed.removeOnBehalfOf()
        #expect(parsed.namesOnBehalfOf == isSeen)
    }

    @Test func `white space is no option`() {
        #expect(StartupOptions(Array(" \t".utf8)) == nil)
    }
}
