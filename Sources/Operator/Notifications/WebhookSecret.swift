import API
import Cryptography
import Networking

/// Where notifications go, and what signs them: the contents of a Secret.
struct WebhookSecret: Sendable, Equatable {
    /// The key of what signs.
    static let signingKey = "signingKey"
    /// The key of the authorities, PEM, that the webhook's certificate is signed by; without it those the system trusts.
    static let authorities = "ca.crt"
    /// In bytes: what HMAC-SHA-256 makes of it (RFC 2104, section 3).
    static let minimumSigningKeyLength = 32
    /// Longest address, in bytes. Ours.
    static let maximumAddressLength = 2048

    /// Scheme, host and port.
    var base: BaseURL
    /// With its query; begins with a slash.
    var path: String
    var key: [UInt8]
    /// PEM.
    var authorities: [UInt8]?

    /// Of the contents by key; white space at the end of each is no part of it.
    init(_ contents: [String: [UInt8]], at place: WebhookReference) throws(WebhookFault) {
        guard let address = contents[place.key] else { throw .missingKey(place, key: place.key) }
        guard let key = contents[Self.signingKey] else { throw .missingKey(place, key: Self.signingKey) }
        self.key = key.trimmed
        guard self.key.count >= Self.minimumSigningKeyLength else { throw .shortSigningKey(place) }
        authorities = contents[Self.authorities]
        let text = String(decoding: address.trimmed, as: UTF8.self)
        guard text.utf8.count <= Self.maximumAddressLength, StringFormat.webAddress.fault(in: text) == nil,
            let scheme = text.firstRange(of: "://")
        else { throw .noAddress(place) }
        let end =
            text[scheme.upperBound...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? text.endIndex
        let rest = text[end...].prefix { $0 != "#" }
        guard let base = try? BaseURL(String(text[..<end])) else { throw .noAddress(place) }
        self.base = base
        path = rest.hasPrefix("/") ? String(rest) : "/\(rest)"
    }
}

extension [UInt8] {
    /// Without white space at the end, as editors leave it.
    var trimmed: Self {
        var end = count
        while end > 0, self[end - 1] == 0x20 || (0x09...0x0D).contains(self[end - 1]) { end -= 1 }
        return Array(self[..<end])
    }
}

/// By which a receiver knows that a notification is the operator's.
enum WebhookSignature {
    static let header = "Weir-Signature"
    /// The header of ``Notice/delivery``.
    static let deliveryHeader = "Weir-Delivery"

    /// `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body" in hexadecimal>`.
    static func value(of body: [UInt8], key: [UInt8], at seconds: Int64) -> String {
        var code = HMACSHA256(key: key)
        let signed = Array("\(seconds).".utf8) + body
        return "t=\(seconds),v1=\(Hexadecimal.encode(code.authenticationCode(for: signed)))"
    }
}
