/// What the audit sink itself puts into its log, in a chain of its own beside those of the gateways.
package enum SinkEvent: Sendable, Equatable {
    /// A gateway's first contact: the key is bound to the name from here on.
    case gatewayPinned(gateway: String, key: [UInt8])
    /// These records of a gateway were stored; the time of this record is the sink's own.
    case received(gateway: String, first: UInt64, last: UInt64)
    /// Something that must not happen: see ``Incident``.
    case incident(gateway: String, kind: Incident, sequence: UInt64, detail: String)
    /// Somebody read evidence.
    case evidenceRead(reader: String, what: String, filter: String, records: UInt64)

    package enum Incident: String, Sendable, CaseIterable {
        /// A record was sent under a sequence number that already holds another one.
        case forked = "Forked"
        /// A record does not continue the chain.
        case hashMismatch = "HashMismatch"
        case badSignature = "BadSignature"
        case otherKey = "OtherKey"
        case malformed = "Malformed"
    }
}
