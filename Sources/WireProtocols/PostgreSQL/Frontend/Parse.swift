/// Prepares one statement under a name (extended query protocol).
package struct Parse: Equatable, Sendable {
    /// The prepared statement's name within the body; empty for the unnamed one.
    package let statement: Range<Int>
    /// The text within the body, in the client's encoding.
    package let text: Range<Int>
    /// OIDs of the first parameters' types; 0 leaves one to the server.
    package let parameterTypes: [UInt32]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        statement = try reader.readCString()
        text = try reader.readCString()
        parameterTypes = try reader.readTypes()
        try reader.finish()
    }

    package static func write(
        statement: some Collection<UInt8>, text: some Collection<UInt8>, parameterTypes: [UInt32] = [],
        to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(FrontendMessageType.parse)
        output.appendCString(statement)
        output.appendCString(text)
        output.appendTypes(parameterTypes)
        output.endFrame(frame)
    }
}
