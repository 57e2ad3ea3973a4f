/// The name under which a gateway signs, and which the sink keeps apart: one for each gateway and its data folder.
package enum GatewayName {
    /// In bytes.
    package static let maximumLength = 253

    /// Letters, digits, `.`, `_` and `-`, the first of them a letter or digit: fit for a path, a URL and the name
    /// of a key.
    package static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, isAlphanumeric(first) else { return false }
        return name.utf8.count <= maximumLength
            && name.utf8.allSatisfy { isAlphanumeric($0) || [0x2d, 0x2e, 0x5f].contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
