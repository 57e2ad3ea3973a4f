/// What a `FunctionCall` returned.
package struct FunctionCallResponse: Equatable, Sendable {
    /// The value within the body; `nil` for NULL.
    package let value: Range<Int>?

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        value = try reader.readValue()
        try reader.finish()
    }

    package static func write(_ value: [UInt8]?, to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.functionCallResponse)
        output.appendValue(value)
        output.endFrame(frame)
    }
}
