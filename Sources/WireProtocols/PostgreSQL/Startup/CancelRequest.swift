/// Asks, on a connection of its own, that another session's statement be cancelled.
package struct CancelRequest: Equatable, Sendable {
    /// Key lengths in bytes: four before protocol 3.2, up to 256 since.
    package static let keyLengths = 4...256

    package var processID: Int32
    package var secretKey: [UInt8]

    package init(processID: Int32, secretKey: [UInt8]) {
        self.processID = processID
        self.secretKey = secretKey
    }

    /// Reads what follows the packet's length and code.
    init(_ reader: consuming ByteReader, in body: Span<UInt8>) throws(WireError) {
        processID = try reader.readInt32()
        let key = reader.readRest()
        guard Self.keyLengths.contains(key.count) else { throw .valueOutOfRange(key.count) }
        secretKey = body.copy(key)
    }

    package func write(to output: inout [UInt8]) {
        let start = output.beginStartupPacket(code: StartupPacket.cancelCode)
        output.appendInt32(processID)
        output.append(contentsOf: secretKey)
        output.endStartupPacket(start)
    }
}
