import Cryptography
import Identity
import Kubernetes

/// The keys grants are signed with, as their Secret holds them: the newest signs, those before it verify until the last
/// grant they can have signed has expired.
struct GrantKeyring: Sendable {
    struct Key: Sendable {
        /// Names it in a grant.
        var id: String
        var seed: [UInt8]
        var key: Ed25519.PrivateKey
        /// Seconds since 1970.
        var created: Int64
    }

    enum Lifetime {
        /// How long a key signs, in seconds.
        static let signing: Int64 = 86_400
        /// How long a key is published before it signs, so that every gateway knows it.
        static let published: Int64 = 60
    }

    static let dataKey = "keys.json"
    /// Of the Secret this was read from; a write holds for no other state of it.
    private let uid: String
    private let resourceVersion: String
    /// The oldest first.
    private(set) var keys: [Key]

    /// - Returns: `nil` for a Secret that holds something else.
    init?(_ secret: JSON) {
        uid = secret["metadata", "uid"]?.string ?? ""
        resourceVersion = secret["metadata", "resourceVersion"]?.string ?? ""
        keys = []
        guard let text = secret["data", Self.dataKey]?.string else { return }
        guard let bytes = Base64.decode(text), let items = (try? JSON(parsing: bytes))?.array else {
            return nil
        }
        for item in items {
            guard let id = item["kid"]?.string, let created = item["created"]?.integer,
                let seed = item["seed"]?.string.flatMap({ Base64.decode($0) }),
                let key = try? Ed25519.PrivateKey(rawSeed: seed)
            else { return nil }
            keys.append(Key(id: id, seed: seed, key: key, created: created))
        }
    }

    /// `now` counts seconds since 1970, here and below.
    func needsKey(at now: Int64) -> Bool {
        guard let newest = keys.last else { return true }
        return now >= newest.created + Lifetime.signing - Lifetime.published
    }

    /// The one that signs: the newest that has been published for long enough, or the only one.
    func signer(at now: Int64) -> Key? {
        keys.last { $0.created + Lifetime.published <= now } ?? keys.first
    }

    /// What gateways verify by.
    func published(at now: Int64) -> GrantKeySet {
        var set: [String: Ed25519.PublicKey] = [:]
        for key in current(at: now) { set[key.id] = try? key.key.publicKey }
        return GrantKeySet(set)
    }

    private func current(at now: Int64) -> [Key] {
        let life = Lifetime.signing + Lifetime.published + SessionGrant.maximumLifetime
        return keys.filter { now < $0.created + life }
    }

    /// A merge patch that adds a key, for this state of the Secret only.
    func replacement(adding seed: [UInt8], at now: Int64) throws -> JSON {
        let digest = SHA256.digest(of: try Ed25519.PrivateKey(rawSeed: seed).publicKey.rawRepresentation)
        let id = Hexadecimal.encode(Array(digest.prefix(8)))
        let kept = current(at: now).map { Self.item($0.id, $0.seed, $0.created) }
        let text = JSON.array(kept + [Self.item(id, seed, now)]).rendered
        return [
            "metadata": ["uid": .string(uid), "resourceVersion": .string(resourceVersion)],
            "data": [Self.dataKey: .string(Base64.encode(text))],
        ]
    }

    private static func item(_ id: String, _ seed: [UInt8], _ created: Int64) -> JSON {
        ["kid": .string(id), "seed": .string(Base64.encode(seed)), "created": .integer(created)]
    }
}
