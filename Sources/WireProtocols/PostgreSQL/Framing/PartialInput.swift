/// Bytes received before a session starts, of which whole packets and messages are taken in order.
struct PartialInput: Equatable, Sendable {
    private var bytes: [UInt8] = []
    private var offset = 0

    /// What has not been taken.
    var unread: [UInt8] { Array(bytes[offset...]) }
    var isEmpty: Bool { offset == bytes.count }
    var count: Int { bytes.count - offset }

    mutating func append(_ more: [UInt8]) {
        bytes.removeFirst(offset)
        offset = 0
        bytes += more
    }

    mutating func takeByte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func takeStartupPacket() throws(WireError) -> StartupPacket? {
        guard let length = try StartupPacket.length(in: bytes.span, at: offset), length <= count else {
            return nil
        }
        defer { offset += length }
        return try StartupPacket(bytes.span.extracting(offset..<offset + length))
    }

    /// The next message's type and body.
    /// - Throws: ``WireError/lengthOutOfRange(_:allowed:)`` also for bodies of more than `limit` bytes.
    mutating func takeMessage<Type: MessageType>(limit: Int) throws(WireError) -> (type: Type, body: [UInt8])?
    {
        guard let header = try FrameHeader<Type>.next(in: bytes.span, at: offset) else { return nil }
        guard header.bodyLength <= limit else {
            throw .lengthOutOfRange(header.bodyLength, allowed: 0...limit)
        }
        guard header.frameLength <= count else { return nil }
        defer { offset += header.frameLength }
        return (header.type, Array(bytes[header.body(at: offset)]))
    }
}
