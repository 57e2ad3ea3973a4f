/// A packet before the session starts: an Int32 length that counts itself, and a code in place of a type.
package enum StartupPacket: Equatable, Sendable {
    case startup(StartupMessage)
    case cancel(CancelRequest)
    case sslRequest
    case gssEncryptionRequest

    /// Lengths a whole packet may have, in bytes, the length field included; the server's own limits
    /// (`MAX_STARTUP_PACKET_LENGTH` counts without the field).
    package static let lengths = 8...10_004

    package static let cancelCode: UInt32 = 80_877_102
    package static let sslCode: UInt32 = 80_877_103
    package static let gssEncryptionCode: UInt32 = 80_877_104

    /// Whether a connection's first byte starts a TLS handshake record, rather than a packet's length.
    package static func isTLSClientHello(firstByte: UInt8) -> Bool { firstByte == 0x16 }

    /// The length of the packet at `offset`, of which the rest need not have arrived; `nil` until four bytes are there.
    /// - Throws: ``WireError/lengthOutOfRange(_:allowed:)``.
    package static func length(in bytes: Span<UInt8>, at offset: Int) throws(WireError) -> Int? {
        guard bytes.count - offset >= 4 else { return nil }
        let length = Int(bytes.bigEndianUInt32(at: offset))
        guard lengths.contains(length) else { throw .lengthOutOfRange(length, allowed: lengths) }
        return length
    }

    /// Reads a packet that is there whole, from its length on.
    package init(_ packet: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(packet)
        let length = try reader.readUInt32()
        guard packet.count == Int(length) else { throw .lengthOutOfRange(Int(length), allowed: Self.lengths) }
        let code = try reader.readUInt32()
        switch code {
        case Self.cancelCode:
            self = .cancel(try CancelRequest(reader, in: packet))
        case Self.sslCode:
            try reader.finish()
            self = .sslRequest
        case Self.gssEncryptionCode:
            try reader.finish()
            self = .gssEncryptionRequest
        default:
            let version = ProtocolVersion(rawValue: code)
            guard version.major == 3 else {
                throw .unsupportedProtocol(major: version.major, minor: version.minor)
            }
            self = .startup(try StartupMessage(version: version, reader, in: packet))
        }
    }

    /// Asks the server for TLS; it answers with one byte, `S` or `N`.
    package static func writeSSLRequest(to output: inout [UInt8]) {
        let start = output.beginStartupPacket(code: sslCode)
        output.endStartupPacket(start)
    }
}

extension [UInt8] {
    /// - Returns: where the packet starts, for ``endStartupPacket(_:)``.
    mutating func beginStartupPacket(code: UInt32) -> Int {
        appendInt32(0)
        appendUInt32(code)
        return count - 8
    }

    mutating func endStartupPacket(_ start: Int) {
        patchInt32(Int32(count - start), at: start)
    }
}
