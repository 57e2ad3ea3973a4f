/// Gives a prepared statement its parameters, which makes it a portal.
package struct Bind: Equatable, Sendable {
    /// The portal's name within the body; empty for the unnamed one.
    package let portal: Range<Int>
    /// The prepared statement's name within the body.
    package let statement: Range<Int>
    /// None (all text), one for all parameters, or one each.
    package let parameterFormats: [Format]
    /// The values within the body; `nil` for NULL.
    package let parameters: [Range<Int>?]
    /// None (all text), one for all result columns, or one each.
    package let resultFormats: [Format]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        portal = try reader.readCString()
        statement = try reader.readCString()
        parameterFormats = try reader.readFormats()
        parameters = try reader.readArguments(formats: parameterFormats.count)
        resultFormats = try reader.readFormats()
        try reader.finish()
    }

    package static func write(
        portal: some Collection<UInt8>, statement: some Collection<UInt8>,
        parameterFormats: [Format] = [], parameters: [[UInt8]?] = [], resultFormats: [Format] = [],
        to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(FrontendMessageType.bind)
        output.appendCString(portal)
        output.appendCString(statement)
        output.appendFormats(parameterFormats)
        output.appendArguments(parameters)
        output.appendFormats(resultFormats)
        output.endFrame(frame)
    }
}
