import API
package import Kubernetes

/// The keys an issuer signs with (RFC 7517, section 5).
package struct JSONWebKeySet: Sendable {
    /// Longest set, in bytes. Ours.
    package static let maximumLength = 64 << 10
    /// Keys of one set that are read. Ours: issuers have two to four.
    private static let maximumCount = 64
    private static let maximumDepth = 8

    /// As it was given, for who passes it on.
    package let json: JSON
    private let keys: [JSONWebKey]

    /// Keys that cannot be used here are left out.
    /// - Throws: ``KeySetFault`` also for a set without a usable key.
    package init(_ json: JSON) throws(KeySetFault) {
        guard let items = json["keys"]?.array else { throw .malformed }
        guard items.count <= Self.maximumCount else { throw .tooLong }
        keys = items.compactMap(JSONWebKey.init)
        guard !keys.isEmpty else { throw .noUsableKey }
        self.json = json
    }

    package init(parsing text: [UInt8]) throws(KeySetFault) {
        guard text.count <= Self.maximumLength else { throw .tooLong }
        var limits = JSON.Limits(length: Self.maximumLength)
        limits.depth = Self.maximumDepth
        let json: JSON
        do { json = try JSON(parsing: text, limits: limits) } catch { throw .malformed }
        try self.init(json)
    }

    /// The key that may have signed the token: by its name where it names one, and otherwise where only one fits.
    func key(for token: CompactToken) -> JSONWebKey? {
        let fitting = keys.filter { $0.fits(token.algorithm) && (token.keyID == nil || $0.id == token.keyID) }
        return fitting.count == 1 ? fitting[0] : nil
    }
}

extension JSONWebKeySet: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

/// Why a set of keys cannot be used.
package enum KeySetFault: Error, Equatable, CustomStringConvertible {
    case malformed
    case tooLong
    case noUsableKey

    package var description: String {
        switch self {
        case .malformed: "no JSON Web Key Set"
        case .tooLong: "too long a JSON Web Key Set"
        case .noUsableKey: "a JSON Web Key Set without a public key for RS, PS, ES or EdDSA signatures"
        }
    }
}
