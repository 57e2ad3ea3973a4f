/// Runs a portal.
package struct Execute: Equatable, Sendable {
    /// The portal's name within the body; empty for the unnamed one.
    package let portal: Range<Int>
    /// The most rows to return before the portal is suspended; zero or less means all.
    package let rowLimit: Int32

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        portal = try reader.readCString()
        rowLimit = try reader.readInt32()
        try reader.finish()
    }

    package static func write(
        portal: some Collection<UInt8>, rowLimit: Int32 = 0, to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(FrontendMessageType.execute)
        output.appendCString(portal)
        output.appendInt32(rowLimit)
        output.endFrame(frame)
    }
}
