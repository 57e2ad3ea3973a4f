/// A command's end: its name, and the number of rows if it has one.
package struct CommandComplete: Equatable, Sendable {
    /// The whole tag within the body, such as `INSERT 0 1`.
    package let tag: Range<Int>
    /// The number of rows that the tag ends with; `nil` for a command that counts none.
    package let rowCount: Int?

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        tag = try reader.readCString()
        try reader.finish()
        rowCount = Self.trailingNumber(in: body, tag)
    }

    package static func write(_ tag: some Collection<UInt8>, to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.commandComplete)
        output.appendCString(tag)
        output.endFrame(frame)
    }

    /// The digits after the last space; `nil` if there are none or they exceed an Int.
    private static func trailingNumber(in body: Span<UInt8>, _ tag: Range<Int>) -> Int? {
        var start = tag.upperBound
        while start > tag.lowerBound, (0x30...0x39).contains(body[start - 1]) { start -= 1 }
        guard start > tag.lowerBound, start < tag.upperBound, body[start - 1] == 0x20 else { return nil }
        var number = 0
        for offset in start..<tag.upperBound {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(body[offset] - 0x30))
            if overflow || carry { return nil }
            number = sum
        }
        return number
    }
}
