/// Fields in network byte order, appended to the bytes on their way out.
extension [UInt8] {
    @inlinable
    package mutating func appendInt16(_ value: Int16) {
        appendUInt16(UInt16(bitPattern: value))
    }

    @inlinable
    package mutating func appendUInt16(_ value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    @inlinable
    package mutating func appendInt32(_ value: Int32) {
        appendUInt32(UInt32(bitPattern: value))
    }

    @inlinable
    package mutating func appendUInt32(_ value: UInt32) {
        append(UInt8(truncatingIfNeeded: value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Overwrites the four bytes at `offset`, which must be there.
    @inlinable
    package mutating func patchInt32(_ value: Int32, at offset: Int) {
        let bits = UInt32(bitPattern: value)
        self[offset] = UInt8(truncatingIfNeeded: bits >> 24)
        self[offset + 1] = UInt8(truncatingIfNeeded: bits >> 16)
        self[offset + 2] = UInt8(truncatingIfNeeded: bits >> 8)
        self[offset + 3] = UInt8(truncatingIfNeeded: bits)
    }

    /// A string and the NUL that ends it. A NUL within, which the format cannot carry, is sent as `?`: a name
    /// cut short there could be somebody else's.
    package mutating func appendCString(_ text: some Collection<UInt8>) {
        let start = count
        append(contentsOf: text)
        for offset in start..<count where self[offset] == 0 { self[offset] = 0x3f }
        append(0)
    }

    /// An Int32 byte count and the bytes, or -1 for NULL.
    package mutating func appendValue(_ value: (some Collection<UInt8>)?) {
        guard let value else {
            appendInt32(-1)
            return
        }
        appendInt32(Int32(value.count))
        append(contentsOf: value)
    }
}
