/// Something that is wrong with a log.
package struct Finding: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A record does not continue the one before it: one of the two was changed.
        case edited = "Edited"
        /// Sequence numbers are missing.
        case removed = "Removed"
        /// A record stands after a later one.
        case reordered = "Reordered"
        /// A record stands there twice.
        case duplicated = "Duplicated"
        /// Two different records have one sequence number.
        case forked = "Forked"
        /// The log ends before a record that is known to have been there.
        case truncated = "Truncated"
        /// A head's signature is not the key's over what stands before it.
        case badSignature = "BadSignature"
        /// The log names another gateway or key than the one expected.
        case otherKey = "OtherKey"
        /// Bytes that are no record.
        case malformed = "Malformed"
        /// A record is older than the one before it.
        case timeWentBack = "TimeWentBack"
        /// A tree, proof or checkpoint does not agree with the records.
        case treeMismatch = "TreeMismatch"
    }

    package var kind: Kind
    /// Of the (first) record concerned.
    package var sequence: UInt64
    package var detail: String

    package init(_ kind: Kind, sequence: UInt64, _ detail: String) {
        self.kind = kind
        self.sequence = sequence
        self.detail = detail
    }
}
