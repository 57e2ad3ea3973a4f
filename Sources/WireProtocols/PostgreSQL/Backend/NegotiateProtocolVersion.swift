/// The server's answer to a newer minor version, or to protocol options it does not know.
package struct NegotiateProtocolVersion: Equatable, Sendable {
    /// The newest version that the server speaks. Sent whole, though documented as the minor number alone.
    package let version: ProtocolVersion
    /// Names of options, each within the body.
    package let unrecognizedOptions: [Range<Int>]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        let code = try reader.readUInt32()
        version =
            code <= UInt32(UInt16.max)
            ? ProtocolVersion(major: 3, minor: UInt16(code)) : ProtocolVersion(rawValue: code)
        let count = Int(try reader.readInt32())
        guard count >= 0 else { throw .valueOutOfRange(count) }
        guard count <= reader.remaining else { throw .truncated }
        var options: [Range<Int>] = []
        for _ in 0..<count { options.append(try reader.readCString()) }
        try reader.finish()
        unrecognizedOptions = options
    }

    package static func write(
        _ version: ProtocolVersion, unrecognizedOptions: [[UInt8]], to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(BackendMessageType.negotiateProtocolVersion)
        output.appendUInt32(version.rawValue)
        output.appendInt32(Int32(unrecognizedOptions.count))
        for option in unrecognizedOptions { output.appendCString(option) }
        output.endFrame(frame)
    }
}
