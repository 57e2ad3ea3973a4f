/// A position in a message's body, from which fields are read in network byte order.
///
/// Every read checks what is left first and throws instead of trapping. Variable-length fields are returned as
/// ranges of offsets into the span the reader was made from; nothing is copied.
package struct ByteReader: ~Escapable {
    let bytes: Span<UInt8>
    /// The offset of the next byte to be read.
    package private(set) var offset: Int = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// How many bytes have not been read.
    package var remaining: Int { bytes.count - offset }

    @_lifetime(self: copy self)
    package mutating func readUInt8() throws(WireError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated }
        defer { offset += 1 }
        return bytes[offset]
    }

    @_lifetime(self: copy self)
    package mutating func readUInt16() throws(WireError) -> UInt16 {
        guard remaining >= 2 else { throw .truncated }
        defer { offset += 2 }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    @_lifetime(self: copy self)
    package mutating func readInt16() throws(WireError) -> Int16 {
        Int16(bitPattern: try readUInt16())
    }

    @_lifetime(self: copy self)
    package mutating func readUInt32() throws(WireError) -> UInt32 {
        guard remaining >= 4 else { throw .truncated }
        defer { offset += 4 }
        return bytes.bigEndianUInt32(at: offset)
    }

    @_lifetime(self: copy self)
    package mutating func readInt32() throws(WireError) -> Int32 {
        Int32(bitPattern: try readUInt32())
    }

    /// The next `count` bytes.
    @_lifetime(self: copy self)
    package mutating func readBytes(_ count: Int) throws(WireError) -> Range<Int> {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { offset += count }
        return offset..<offset + count
    }

    /// All bytes that are left.
    @_lifetime(self: copy self)
    package mutating func readRest() -> Range<Int> {
        defer { offset = bytes.count }
        return offset..<bytes.count
    }

    /// A string up to the NUL that ends it; the NUL is consumed and not part of the range.
    @_lifetime(self: copy self)
    package mutating func readCString() throws(WireError) -> Range<Int> {
        let start = offset
        var end = start
        while end < bytes.count, bytes[end] != 0 { end += 1 }
        guard end < bytes.count else { throw .unterminatedString }
        offset = end + 1
        return start..<end
    }

    /// An Int32 byte count and as many bytes; `nil` for the count -1, which stands for NULL.
    @_lifetime(self: copy self)
    package mutating func readValue() throws(WireError) -> Range<Int>? {
        let count = Int(try readInt32())
        if count == -1 { return nil }
        guard count >= 0 else { throw .valueOutOfRange(count) }
        return try readBytes(count)
    }

    /// - Throws: ``WireError/trailingBytes(_:)`` unless everything has been read.
    package func finish() throws(WireError) {
        guard remaining == 0 else { throw .trailingBytes(remaining) }
    }
}
