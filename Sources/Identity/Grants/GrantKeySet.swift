package import Cryptography
package import Kubernetes

/// The keys by which grants are verified, by their names.
package struct GrantKeySet: Sendable, Equatable {
    /// Keys taken. Ours: one signs, and those before it until their last grant has expired.
    private static let maximumCount = 16

    private var keys: [String: Ed25519.PublicKey] = [:]

    package init() {}

    package init(_ keys: [String: Ed25519.PublicKey]) { self.keys = keys }

    package subscript(id: String) -> Ed25519.PublicKey? { keys[id] }
    package var isEmpty: Bool { keys.isEmpty }

    package static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    /// `[{"kid": …, "key": …}]`, the 32 bytes of the key in base64 for URLs.
    package var json: JSON {
        .array(
            keys.sorted { $0.key < $1.key }.map { id, key in
                ["kid": .string(id), "key": .string(Base64URL.encode(key.rawRepresentation))]
            })
    }

    /// - Returns: `nil` unless all of it is well formed.
    package init?(_ json: JSON) {
        guard let items = json.array, items.count <= Self.maximumCount else { return nil }
        for item in items {
            guard let id = item["kid"]?.string, !id.isEmpty,
                let raw = item["key"]?.string.flatMap({ Base64URL.decode($0) }),
                let key = try? Ed25519.PublicKey(rawRepresentation: raw), keys[id] == nil
            else { return nil }
            keys[id] = key
        }
    }
}
