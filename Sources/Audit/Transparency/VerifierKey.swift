package import Cryptography

/// A public key with its name, as a C2SP signed note names it: `<name>+<key id>+<Base64 of 0x01 and the key>`.
package struct VerifierKey: Sendable {
    package let name: String
    package let publicKey: Ed25519.PublicKey

    /// Signature type of Ed25519 in signed notes.
    private static let algorithm: UInt8 = 0x01

    package init(name: String, publicKey: Ed25519.PublicKey) {
        self.name = name
        self.publicKey = publicKey
    }

    /// - Returns: `nil` when `rawKey` is no public key.
    package init?(name: String, rawKey: [UInt8]) {
        guard let key = try? Ed25519.PublicKey(rawRepresentation: rawKey) else { return nil }
        self.init(name: name, publicKey: key)
    }

    /// - Returns: `nil` for another algorithm, or a key id that does not fit.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let encoded = Base64.decode(parts[2]),
            encoded.first == Self.algorithm,
            let key = try? Ed25519.PublicKey(rawRepresentation: Array(encoded.dropFirst()))
        else { return nil }
        self.init(name: String(parts[0]), publicKey: key)
        guard Hexadecimal.encode(identifier) == parts[1] else { return nil }
    }

    /// The first four bytes of SHA-256 over name, line feed, algorithm and key.
    package var identifier: [UInt8] {
        let bytes = Array(name.utf8) + [0x0a, Self.algorithm] + publicKey.rawRepresentation
        return Array(SHA256.digest(of: bytes).prefix(4))
    }

    package var text: String {
        "\(name)+\(Hexadecimal.encode(identifier))+"
            + Base64.encode([Self.algorithm] + publicKey.rawRepresentation)
    }
}
