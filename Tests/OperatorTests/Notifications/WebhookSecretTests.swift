import Networking
import Testing

@testable import Operator

struct WebhookSecretTests {
    private let place = WebhookReference(namespace: "clinic", secret: "chat", key: "url")
    private let key = [UInt8](repeating: 0x6B, count: 32)

    private func secret(_ url: String, key: [UInt8]? = nil) throws(WebhookFault) -> WebhookSecret {
        try WebhookSecret(["url": Array(url.utf8), "signingKey": key ?? self.key], at: place)
    }

    @Test func `an address has a host, and a path with its query`() throws {
        let slack = try secret("https://hooks.slack.com/services/T0/B0/x\n")
        #expect(slack.base.authority == "hooks.slack.com" && slack.path == "/services/T0/B0/x")
        #expect(slack.base.isSecure && slack.key == key && slack.authorities == nil)
        let other = try secret("https://flows.example:8443/run/a/?sig=%2F&v=1#top")
        #expect(other.base.authority == "flows.example:8443" && other.path == "/run/a/?sig=%2F&v=1")
        #expect(try secret("https://h.example?x=1").path == "/?x=1")
        #expect(try secret("http://127.0.0.1:9000/x").base.port == 9000)
    }

    @Test(arguments: [
        "", "hooks.slack.com", "http://hooks.slack.com/x", "https://", "https://a@b.example/x",
        "https://user:secret@b.example/x", "https:///x", "https://b.example:0/x", "https://b.example:x/",
        "https://b .example/x", "https://b.example/a b", "https://b.example/\r\nX: y", "file:///etc/passwd",
        "ftp://b.example/", "gopher://127.0.0.1/", "http://127.0.0.1.evil.example/x",
        "http://localhost@evil/",
        "http://localhost:1@evil.example/", "https://" + String(repeating: "a", count: 2048),
    ])
    func `nothing else is an address`(url: String) {
        #expect(throws: WebhookFault.noAddress(place)) { try secret(url) }
    }

    @Test func `without a signing key nothing is sent`() {
        #expect(throws: WebhookFault.missingKey(place, key: "signingKey")) {
            try WebhookSecret(["url": Array("https://a.example/".utf8)], at: place)
        }
        #expect(throws: WebhookFault.missingKey(place, key: "url")) {
            try WebhookSecret(["signingKey": key], at: place)
        }
        #expect(throws: WebhookFault.shortSigningKey(place)) {
            try secret("https://a.example/", key: key.dropLast() + [0x0A])
        }
    }

    /// Made with `printf '1800000000.{"a":1}' | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk`.
    @Test func `a signature is over the time and the body`() {
        let value = WebhookSignature.value(of: Array(#"{"a":1}"#.utf8), key: key, at: 1_800_000_000)
        #expect(value == "t=1800000000,v1=4f0d00cc0602d74619f2c8a677ced8b329813cdfc143155dd963ea41b3486c47")
    }

    @Test func `what to do is said where it is known, and no contents`() {
        let advice = WebhookFault.forbidden(place).advice(account: "weir-system:weir-operator")
        #expect(
            advice == """
                the operator may not read Secret chat; allow it: kubectl create role weir-notify-chat -n clinic \
                --verb=get --resource=secrets --resource-name=chat && kubectl create rolebinding weir-notify-chat \
                -n clinic --role=weir-notify-chat --serviceaccount=weir-system:weir-operator
                """)
        #expect(WebhookFault.missing(place).advice(account: "a:b") == "there is no Secret chat")
    }

    @Test(
        arguments: [
            (200, nil, DeliveryOutcome.delivered), (204, nil, .delivered),
            (301, nil, .refused(.status(301))), (404, "5", .refused(.status(404))),
            (429, "7", .failed(.status(429), after: .seconds(7))),
            (503, nil, .failed(.status(503), after: nil)),
            (500, "-1", .failed(.status(500), after: nil)),
            (429, "99999999999999999999", .failed(.status(429), after: nil)),
            (429, "Sun, 06 Nov 2026 08:49:37 GMT", .failed(.status(429), after: nil)),
        ] as [(Int, String?, DeliveryOutcome)])
    func `an answer says whether to come again`(status: Int, after: String?, outcome: DeliveryOutcome) {
        #expect(WebhookClient.outcome(of: status, retryAfter: after) == outcome)
    }
}
