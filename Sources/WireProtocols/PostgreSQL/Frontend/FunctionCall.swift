/// Calls a function by its OID, without a statement ("fast path").
package struct FunctionCall: Equatable, Sendable {
    package let function: UInt32
    /// None (all text), one for all arguments, or one each.
    package let argumentFormats: [Format]
    /// The values within the body; `nil` for NULL.
    package let arguments: [Range<Int>?]
    package let resultFormat: Format

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        function = try reader.readUInt32()
        argumentFormats = try reader.readFormats()
        arguments = try reader.readArguments(formats: argumentFormats.count)
        resultFormat = try reader.readFormat()
        try reader.finish()
    }

    /// What the call names, whether or not the rest is well formed.
    package static func function(in body: Span<UInt8>) throws(WireError) -> UInt32 {
        var reader = ByteReader(body)
        return try reader.readUInt32()
    }

    package static func write(
        function: UInt32, argumentFormats: [Format] = [], arguments: [[UInt8]?], resultFormat: Format = .text,
        to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(FrontendMessageType.functionCall)
        output.appendUInt32(function)
        output.appendFormats(argumentFormats)
        output.appendArguments(arguments)
        output.appendUInt16(resultFormat.rawValue)
        output.endFrame(frame)
    }
}
