/// Messages without fields.
extension [UInt8] {
    /// Ends a series of extended-query messages and an implicit transaction.
    package mutating func appendSync() { appendEmptyFrame(FrontendMessageType.sync) }
    /// Asks for the answers that are due, without ending the series.
    package mutating func appendFlush() { appendEmptyFrame(FrontendMessageType.flush) }
    package mutating func appendTerminate() { appendEmptyFrame(FrontendMessageType.terminate) }
}
