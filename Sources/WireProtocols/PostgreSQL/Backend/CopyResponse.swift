/// `CopyInResponse`, `CopyOutResponse` and `CopyBothResponse`: the format of the data that follows.
package struct CopyResponse: Equatable, Sendable {
    /// Binary if the data has the binary COPY format, text for text and CSV.
    package let format: Format
    package let columnFormats: [Format]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        let code = try reader.readUInt8()
        guard let format = Format(rawValue: UInt16(code)) else { throw .valueOutOfRange(Int(code)) }
        self.format = format
        columnFormats = try reader.readFormats()
        try reader.finish()
    }

    /// Writes the COPY response that `type` is.
    package static func write(
        _ type: BackendMessageType, format: Format, columnFormats: [Format], to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(type)
        output.append(UInt8(truncatingIfNeeded: format.rawValue))
        output.appendFormats(columnFormats)
        output.endFrame(frame)
    }
}

/// COPY data either way, of any size.
package enum CopyData {
    package static func writeToClient(_ data: [UInt8], to output: inout [UInt8]) {
        write(BackendMessageType.copyData, data, to: &output)
    }

    package static func writeToServer(_ data: [UInt8], to output: inout [UInt8]) {
        write(FrontendMessageType.copyData, data, to: &output)
    }

    private static func write(_ type: some MessageType, _ data: [UInt8], to output: inout [UInt8]) {
        let frame = output.beginFrame(type)
        output.append(contentsOf: data)
        output.endFrame(frame)
    }
}
