/// A session parameter's value, at the start and whenever it changes.
package struct ParameterStatus: Equatable, Sendable {
    /// Both within the body.
    package let name: Range<Int>
    package let value: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        name = try reader.readCString()
        value = try reader.readCString()
        try reader.finish()
    }

    package static func write(
        name: some Collection<UInt8>, value: some Collection<UInt8>, to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(BackendMessageType.parameterStatus)
        output.appendCString(name)
        output.appendCString(value)
        output.endFrame(frame)
    }
}
