/// The five bytes before every message body after the first packet: a type and an Int32 length that counts itself.
@usableFromInline
package struct FrameHeader<Type: MessageType>: Equatable, Sendable {
    @usableFromInline package var type: Type
    /// The body's length in bytes, without the header.
    @usableFromInline package var bodyLength: Int

    @inlinable
    package init(type: Type, bodyLength: Int) {
        self.type = type
        self.bodyLength = bodyLength
    }

    /// The header's own length in bytes.
    @inlinable package static var byteCount: Int { 5 }
    /// The whole message's length in bytes, header and body.
    @inlinable package var frameLength: Int { Self.byteCount + bodyLength }

    /// The header at `offset`, of which the body need not have arrived; `nil` until five bytes are there.
    /// - Throws: ``WireError/unknownMessageType(_:)``, ``WireError/lengthOutOfRange(_:allowed:)``.
    @inlinable
    package static func next(in bytes: Span<UInt8>, at offset: Int) throws(WireError) -> Self? {
        guard bytes.count - offset >= byteCount else { return nil }
        guard let type = Type(rawValue: bytes[offset]) else { throw .unknownMessageType(bytes[offset]) }
        let bodyLength = Int(Int32(bitPattern: bytes.bigEndianUInt32(at: offset + 1))) - 4
        guard bodyLength >= 0,
            bodyLength <= MessageLimit.small || bodyLength <= type.maximumBodyLength
        else { throw .lengthOutOfRange(bodyLength, allowed: 0...type.maximumBodyLength) }
        return Self(type: type, bodyLength: bodyLength)
    }

    /// The next message when it is there whole, its body `frame.body(at: offset)`; `nil` until it is.
    @inlinable
    package static func nextWhole(in bytes: Span<UInt8>, at offset: Int) throws(WireError) -> Self? {
        guard let header = try next(in: bytes, at: offset) else { return nil }
        return bytes.count - offset >= header.frameLength ? header : nil
    }

    /// The body's range in the bytes in which the header stands at `offset`.
    @inlinable
    package func body(at offset: Int) -> Range<Int> {
        offset + Self.byteCount..<offset + frameLength
    }
}

package typealias FrontendHeader = FrameHeader<FrontendMessageType>
package typealias BackendHeader = FrameHeader<BackendMessageType>

/// Writing a message: begin, append the fields, end.
extension [UInt8] {
    /// Appends a header with its length open.
    /// - Returns: where the frame starts, for ``endFrame(_:)``.
    @inlinable
    package mutating func beginFrame(_ type: some MessageType) -> Int {
        append(type.rawValue)
        appendInt32(0)
        return count - 5
    }

    /// Fills in the length of the frame that starts at `start` and ends here.
    @inlinable
    package mutating func endFrame(_ start: Int) {
        patchInt32(Int32(count - start - 1), at: start + 1)
    }

    /// Appends a message without fields.
    @inlinable
    package mutating func appendEmptyFrame(_ type: some MessageType) {
        append(type.rawValue)
        appendInt32(4)
    }
}
