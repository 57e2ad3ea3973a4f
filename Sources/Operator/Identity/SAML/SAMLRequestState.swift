import API
import Cryptography
import Identity
import Kubernetes

/// A sign-in under way, as the browser that began it keeps it in a cookie: any replica can go on with it, no other browser can, and the
/// operator holds nothing of it.
struct SAMLRequestState: Sendable, Equatable {
    static let kind = "weir-saml-request-v1"
    /// How long somebody has for signing in, in seconds.
    static let lifetime: Int64 = 600
    /// Of a challenge (RFC 7636, section 4.2, by SHA-256), in characters.
    private static let challengeLength = 43
    /// Of what the waiting program tells its own answer from others by, in characters. Ours.
    private static let stateLengths = 16...128

    /// Of the ``AuthnRequest``.
    var request: String
    /// `namespace/name`.
    var connection: String
    var provider: String
    /// Of the program that waits on this person's machine, at 127.0.0.1.
    var port: UInt16
    var state: String
    var challenge: String
    /// Seconds since 1970.
    var expiry: Int64

    /// - Returns: `nil` unless what the program wants is well formed.
    init?(
        request: String, connection: String, provider: String, port: String, state: String, challenge: String,
        expiry: Int64
    ) {
        guard let port = UInt16(port), port > 0, Self.isToken(challenge), Self.isToken(state),
            challenge.utf8.count == Self.challengeLength, Self.stateLengths.contains(state.utf8.count)
        else { return nil }
        self.request = request
        self.connection = connection
        self.provider = provider
        self.port = port
        self.state = state
        self.challenge = challenge
        self.expiry = expiry
    }

    /// Of base64 for URLs: stands in addresses as it is.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    // MARK: - The cookie

    /// Names the request within its cookie's name, and comes back with the answer; no secret.
    var mark: String { Self.mark(of: request) }

    private static let markLength = 16

    private static func mark(of request: String) -> String { String(request.dropFirst().prefix(markLength)) }

    static func isMark(_ text: String) -> Bool {
        text.utf8.count == markLength && Hexadecimal.decode(text) != nil
    }

    /// With the prefix, browsers take it over TLS only, for this host alone.
    static func cookieName(_ mark: String) -> String { "__Host-weir-saml-\(mark)" }

    /// The answer is sent by a page of the identity provider's, to which this is another site.
    static func cookie(_ mark: String, _ value: String, lifetime: Int64) -> String {
        "\(cookieName(mark))=\(value); Path=/; Max-Age=\(lifetime); Secure; HttpOnly; SameSite=None"
    }

    func signed(by key: GrantKeyring.Key) throws(CryptographyError) -> String {
        try SignedText.sign(
            [
                "request": .string(request), "connection": .string(connection), "provider": .string(provider),
                "port": .integer(Int64(port)), "state": .string(state), "challenge": .string(challenge),
                "exp": .integer(expiry),
            ], as: Self.kind, by: key.key, id: key.id)
    }

    /// `now` counts seconds since 1970.
    init(verifying text: String, keys: GrantKeySet, at now: Int64) throws(TokenFault) {
        let json = try SignedText.open(Array(text.utf8), as: Self.kind, keys: keys)
        guard let request = json["request"]?.string, let connection = json["connection"]?.string,
            let provider = json["provider"]?.string, let port = json["port"]?.integer,
            let state = json["state"]?.string, let challenge = json["challenge"]?.string,
            let expiry = json["exp"]?.integer,
            let known = Self(
                request: request, connection: connection, provider: provider, port: "\(port)", state: state,
                challenge: challenge, expiry: expiry)
        else { throw .malformed(Self.kind) }
        guard now < expiry else { throw .expired }
        self = known
    }
}
