/// Whether the session is in a transaction block.
package enum TransactionStatus: UInt8, Equatable, Sendable {
    case idle = 0x49
    case inTransaction = 0x54
    /// Only its end is accepted.
    case failed = 0x45
}

/// The server awaits the next query; with the transaction's status.
package enum ReadyForQuery {
    package static func status(in body: Span<UInt8>) throws(WireError) -> TransactionStatus {
        var reader = ByteReader(body)
        let code = try reader.readUInt8()
        try reader.finish()
        guard let status = TransactionStatus(rawValue: code) else { throw .valueOutOfRange(Int(code)) }
        return status
    }

    package static func write(_ status: TransactionStatus, to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.readyForQuery)
        output.append(status.rawValue)
        output.endFrame(frame)
    }
}
