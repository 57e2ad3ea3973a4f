/// The types of a prepared statement's parameters.
package struct ParameterDescription: Equatable, Sendable {
    package let types: [UInt32]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        types = try reader.readTypes()
        try reader.finish()
    }

    package static func write(_ types: [UInt32], to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.parameterDescription)
        output.appendTypes(types)
        output.endFrame(frame)
    }
}
