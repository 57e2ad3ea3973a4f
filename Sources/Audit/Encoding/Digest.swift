import Cryptography

/// A SHA-256 digest: of a record and all before it, or of a node of the Merkle tree.
package struct Digest: Sendable, Hashable {
    // Four words rather than an array: verifying a log keeps one for every record.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// All zero: what the first record of a chain follows.
    package static let zero = Self(first: 0, second: 0, third: 0, fourth: 0)

    private init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// - Returns: `nil` unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.digestLength else { return nil }
        func word(_ start: Int) -> UInt64 {
            bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(first: word(0), second: word(8), third: word(16), fourth: word(24))
    }

    /// - Returns: `nil` unless there are exactly 64 lower-case hexadecimal digits: one text for one digest.
    package init?(hexadecimal text: String) {
        self.init(hexadecimal: Array(text.utf8)[...])
    }

    init?(hexadecimal digits: ArraySlice<UInt8>) {
        guard digits.count == 2 * SHA256.digestLength else { return nil }
        func word(_ index: Int) -> UInt64? {
            let start = digits.startIndex + index * 16
            var word: UInt64 = 0
            for digit in digits[start..<start + 16] {
                switch digit {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    word = word << 4 | UInt64(digit - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"):
                    word = word << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
                default: return nil
                }
            }
            return word
        }
        guard let first = word(0), let second = word(1), let third = word(2), let fourth = word(3) else {
            return nil
        }
        self.init(first: first, second: second, third: third, fourth: fourth)
    }

    /// Of `bytes` themselves, nothing before or after them.
    package init(of bytes: [UInt8]) {
        guard let digest = Self(bytes: SHA256.digest(of: bytes)) else {
            preconditionFailure("a SHA-256 digest has 32 bytes")
        }
        self = digest
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SHA256.digestLength)
        for word in [first, second, third, fourth] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    package var hexadecimal: String { Hexadecimal.encode(bytes) }
}
