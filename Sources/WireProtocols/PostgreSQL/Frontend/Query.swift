/// A query string of any number of statements (simple query protocol).
package struct Query: Equatable, Sendable {
    /// The text within the body, in the client's encoding.
    package let text: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        text = try reader.readCString()
        try reader.finish()
    }

    package static func write(_ text: some Collection<UInt8>, to output: inout [UInt8]) {
        let frame = output.beginFrame(FrontendMessageType.query)
        output.appendCString(text)
        output.endFrame(frame)
    }
}
