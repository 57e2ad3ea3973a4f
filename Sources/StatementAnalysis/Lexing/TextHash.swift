/// A hash of statements' texts that costs less than `Hasher`, whose seed it starts from: what it is in one process, it
/// is in no other. Equal hashes do not make equal texts.
package enum TextHash {
    private static let seed = UInt64(truncatingIfNeeded: Hasher().finalize())
    /// Odd, with as many ones as zeros (the fraction of the golden ratio).
    private static let factor: UInt64 = 0x9e37_79b9_7f4a_7c15

    package static func hash(_ text: Span<UInt8>) -> Int {
        var hash = seed ^ UInt64(text.count)
        var index = 0
        let bytes = unsafe text.bytes
        while index + 8 <= text.count {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = mixed(hash ^ word)
            index += 8
        }
        var rest: UInt64 = 0
        while index < text.count {
            rest = rest << 8 | UInt64(text[index])
            index += 1
        }
        return Int(truncatingIfNeeded: mixed(mixed(hash ^ rest)))
    }

    /// Compares eight bytes at a time: a text that is found is compared whole.
    package static func areEqual(_ text: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard text.count == other.count else { return false }
        var index = 0
        let (bytes, others) = unsafe (text.bytes, other.bytes)
        while index + 8 <= text.count {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = unsafe others.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word != other { return false }
            index += 8
        }
        while index < text.count {
            if text[index] != other[index] { return false }
            index += 1
        }
        return true
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = (word ^ seed).multipliedFullWidth(by: factor)
        return product.high ^ product.low
    }
}
