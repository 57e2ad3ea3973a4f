extension Span<UInt8> {
    /// The four bytes at `offset`, which must be there, most significant first.
    @inlinable
    package func bigEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16
            | UInt32(self[offset + 2]) << 8 | UInt32(self[offset + 3])
    }

    /// Whether the bytes are those of `other`.
    package func elementsEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// A copy of the bytes in `range`, which must be there.
    package func copy(_ range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.append(self, range)
        return result
    }
}

extension [UInt8] {
    /// Appends the bytes of `source` in `range`, which must be there, in one copy.
    @inlinable
    package mutating func append(_ source: Span<UInt8>, _ range: Range<Int>) {
        unsafe source.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
