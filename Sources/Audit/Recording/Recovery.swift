/// What a gateway found of the one before it.
package struct Recovery: Sendable, Equatable {
    /// 0 when the folder was empty.
    package var lastSequence: UInt64
    /// Records after the last signature: whole and in the chain, but signed only now.
    package var unsignedCount: UInt64
    /// Damaged bytes after the last whole record, kept beside the segment in a `.cut` file. A killed process
    /// leaves none; a loss of power, a failing disk or an intruder may.
    package var cutByteCount: UInt64

    package init(lastSequence: UInt64, unsignedCount: UInt64, cutByteCount: UInt64) {
        self.lastSequence = lastSequence
        self.unsignedCount = unsignedCount
        self.cutByteCount = cutByteCount
    }
}
