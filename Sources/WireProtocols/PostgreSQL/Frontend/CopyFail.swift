/// Ends a COPY from the client with an error.
package struct CopyFail: Equatable, Sendable {
    /// The reason within the body.
    package let message: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        message = try reader.readCString()
        try reader.finish()
    }

    package static func write(_ message: some Collection<UInt8>, to output: inout [UInt8]) {
        let frame = output.beginFrame(FrontendMessageType.copyFail)
        output.appendCString(message)
        output.endFrame(frame)
    }
}
