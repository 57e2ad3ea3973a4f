/// The first byte of a message, which tells its direction's kind of body.
@usableFromInline
package protocol MessageType: RawRepresentable, Equatable, Sendable where RawValue == UInt8 {
    /// The longest body a message of this type may have, in bytes.
    var maximumBodyLength: Int { get }
    /// Whether the body may be passed on piece by piece, so that its limit is not a demand on memory.
    var isStreamable: Bool { get }
}

/// Limits on message bodies, in bytes; no type's is below ``small``.
@usableFromInline
package enum MessageLimit {
    /// Messages of names and codes; the server's own limit for these (`PQ_SMALL_MESSAGE_LIMIT`).
    @inlinable package static var small: Int { 10_000 }
    /// Messages held whole: row descriptions, errors, and statements and parameters up to this length. Ours; the
    /// server allows 1 GiB.
    package static let held = 16 << 20
    /// Statements and parameters that have to be held whole to be judged. Ours.
    package static let judged = 64 << 20
    /// Rows, COPY data, function results, and statements and parameters that need not be held; the server's own
    /// (`MaxAllocSize`).
    package static let streamed = 0x3fff_ffff
}
