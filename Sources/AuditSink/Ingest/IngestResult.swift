package import Audit

/// What became of a batch.
package enum IngestResult: Sendable, Equatable {
    /// All records through this sequence number are durable here.
    case acknowledged(through: UInt64)
    /// Records are missing before the batch: send again from this one on.
    case gap(expected: UInt64)
    /// The name is not known, and the batch does not start with a segment's first record.
    case unknownGateway
    /// Nothing of the batch was stored. `through` is what had been acknowledged before.
    case refused(SinkEvent.Incident, sequence: UInt64, through: UInt64, detail: String)
}
