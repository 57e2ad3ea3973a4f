import Networking
import Testing

struct BaseURLTests {
    @Test(arguments: [
        ("http://sink", false, "sink", 80, "", "sink"),
        ("https://sink", true, "sink", 443, "", "sink"),
        ("https://sink.weir.svc:8443/", true, "sink.weir.svc", 8443, "", "sink.weir.svc:8443"),
        ("http://127.0.0.1:65535/api/v1//", false, "127.0.0.1", 65535, "/api/v1", "127.0.0.1:65535"),
        ("https://[2001:db8::1]", true, "2001:db8::1", 443, "", "[2001:db8::1]"),
        ("http://[::1]:8080/x", false, "::1", 8080, "/x", "[::1]:8080"),
        ("https://sink:443", true, "sink", 443, "", "sink"),
    ])
    func `a URL has scheme, host, port and path`(
        text: String, isSecure: Bool, host: String, port: UInt16, path: String, authority: String
    ) throws {
        let url = try BaseURL(text)
        #expect(url.isSecure == isSecure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(url.authority == authority)
    }

    @Test(arguments: [
        "", "sink", "ftp://sink", "HTTP://sink", "http://", "http://:80", "http:///x", "http://sink:",
        "http://sink:0", "http://sink:65536", "http://sink:x", "http://sink:+1", "http://[::1", "http://[]",
        "http://[::1]x", "http://user@sink", "http://sink?x", "http://sink#x", "http://si nk", "http://sïnk",
        "http://sink\r\nX: y",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: NetworkingError.self) { try BaseURL(text) }
    }

    @Test func `a scheme that is missing is asked for`() {
        let error = #expect(throws: NetworkingError.self) { try BaseURL("127.0.0.1:9440") }
        #expect(error?.description == "give http:// or https://")
    }
}
