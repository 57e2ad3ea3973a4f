import Cryptography

/// A tree head in the C2SP format (c2sp.org/tlog-checkpoint): the text of a ``SignedNote``.
package struct Checkpoint: Sendable, Equatable {
    /// Which log it is of; also the name of the key that signs it.
    package let origin: String
    /// Leaves in the tree.
    package let size: UInt64
    package let root: Digest

    package init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// - Returns: `nil` unless `text` has an origin, a size without leading zeros and a root; lines after these are
    ///   extensions, and passed over.
    package init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last == "", !lines.dropLast().contains(""),
            let size = UInt64(lines[1]), String(size) == lines[1],
            let bytes = Base64.decode(lines[2]), let root = Digest(bytes: bytes)
        else { return nil }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    package var text: String {
        "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n"
    }
}
