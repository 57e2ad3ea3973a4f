/// What a `CancelRequest` for this session must tell.
package struct BackendKeyData: Equatable, Sendable {
    package let processID: Int32
    /// The secret within the body, of ``CancelRequest/keyLengths`` bytes.
    package let secretKey: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        processID = try reader.readInt32()
        secretKey = reader.readRest()
        guard CancelRequest.keyLengths.contains(secretKey.count) else {
            throw .valueOutOfRange(secretKey.count)
        }
    }

    package static func write(processID: Int32, secretKey: [UInt8], to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.backendKeyData)
        output.appendInt32(processID)
        output.append(contentsOf: secretKey)
        output.endFrame(frame)
    }
}
