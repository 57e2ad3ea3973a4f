/// What another session told with `NOTIFY`.
package struct NotificationResponse: Equatable, Sendable {
    /// The notifying session's.
    package let processID: Int32
    /// Both within the body.
    package let channel: Range<Int>
    package let payload: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        processID = try reader.readInt32()
        channel = try reader.readCString()
        payload = try reader.readCString()
        try reader.finish()
    }

    package static func write(
        processID: Int32, channel: some Collection<UInt8>, payload: some Collection<UInt8>,
        to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(BackendMessageType.notificationResponse)
        output.appendInt32(processID)
        output.appendCString(channel)
        output.appendCString(payload)
        output.endFrame(frame)
    }
}
