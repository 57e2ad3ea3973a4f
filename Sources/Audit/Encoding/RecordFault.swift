/// Why a line is no record. Offsets are in bytes from the line's start.
package enum RecordFault: Error, Sendable, Equatable {
    /// Longer than ``Record/maximumLength``.
    case tooLong
    case unexpected(offset: Int)
    /// A member of a known type has a value the format does not have.
    case value(member: String)
}
