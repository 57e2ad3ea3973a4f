/// A walk over a row's columns, in order and without allocation.
///
///     var row = try DataRow(body)
///     for column in 0..<row.columnCount {
///         let value = try row.next()
///     }
///     try row.finish()
@usableFromInline
package struct DataRow: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>
    /// How many columns the row says it has.
    @usableFromInline package let columnCount: Int
    /// The offset in the body of the next column's length.
    @usableFromInline package private(set) var offset: Int

    @_lifetime(copy body)
    @inlinable
    package init(_ body: Span<UInt8>) throws(WireError) {
        guard body.count >= 2 else { throw .truncated }
        bytes = body
        columnCount = Int(body[0]) << 8 | Int(body[1])
        offset = 2
    }

    /// The next column's value within the body; `nil` for NULL.
    @_lifetime(self: copy self)
    @inlinable
    package mutating func next() throws(WireError) -> Range<Int>? {
        guard bytes.count - offset >= 4 else { throw .truncated }
        let length = Int(Int32(bitPattern: bytes.bigEndianUInt32(at: offset)))
        offset += 4
        guard length >= 0 else {
            guard length == -1 else { throw .valueOutOfRange(length) }
            return nil
        }
        guard bytes.count - offset >= length else { throw .truncated }
        let start = offset
        offset += length
        return start..<offset
    }

    /// - Throws: ``WireError/trailingBytes(_:)`` unless the columns fill the body.
    @inlinable
    package func finish() throws(WireError) {
        guard offset == bytes.count else { throw .trailingBytes(bytes.count - offset) }
    }

    /// Writes a row of values; `nil` for NULL.
    package static func write(_ values: [[UInt8]?], to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.dataRow)
        output.appendUInt16(UInt16(values.count))
        for value in values { output.appendValue(value) }
        output.endFrame(frame)
    }
}
