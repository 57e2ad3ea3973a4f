/// Some records of the log, in its order.
package struct RecordPage: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var position: UInt64
        package var gateway: String
        /// Byte for byte as the gateway sent it, without its line feed.
        package var line: [UInt8]
    }

    package var entries: [Entry]
    /// Where the next page begins; `nil` after the last.
    package var next: UInt64?

    /// A page ends with the record that makes it this long, in bytes, or have this many records.
    package static let maximumLength = 4 << 20
    package static let maximumCount = 10_000
}
