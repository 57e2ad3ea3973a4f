package import API

/// One line of the log, decoded. The line itself, not this value, is what is hashed, signed and kept.
package struct Record: Sendable, Equatable {
    package var sequence: UInt64
    package var time: Timestamp
    /// How far the clock was behind the record before, in microseconds; 0 when it was not.
    package var clockBehind: UInt64
    package var session: SessionID
    package var content: Content
    package var hash: Digest

    package enum Content: Sendable, Equatable {
        case event(AuditEvent.Body)
        case segment(SegmentHeader)
        case head(SignedHead)
        case sink(SinkEvent)
        /// A type this version does not know; its members are JSON and part of the chain.
        case other(type: String)
    }

    /// The sequence numbers there are; the first record of a chain has 1.
    package static let sequences: ClosedRange<UInt64> = 1...UInt64(Int64.max - 1)
    /// Longest record in bytes, its line feed included.
    package static let maximumLength = 1 << 20
    /// Version of the format, told in each segment's first record.
    package static let formatVersion: UInt64 = 1
}

/// The first record of each segment file: what is needed to verify the file without those before it.
package struct SegmentHeader: Sendable, Equatable {
    package var format: UInt64
    package var gateway: String
    /// Ed25519, 32 bytes.
    package var key: [UInt8]
    /// Hash of the record before; zero in a gateway's very first.
    package var previous: Digest

    package init(format: UInt64, gateway: String, key: [UInt8], previous: Digest) {
        self.format = format
        self.gateway = gateway
        self.key = key
        self.previous = previous
    }
}

/// A record that signs all records before it.
package struct SignedHead: Sendable, Equatable {
    package enum Reason: String, Sendable {
        case interval = "Interval"
        case seal = "Seal"
        case shutdown = "Shutdown"
        /// The gateway did not end in order; see `unsigned` and `cut`.
        case recovered = "Recovered"
    }

    package var gateway: String
    package var reason: Reason
    /// Records since the last head that the one before this covers; those a crash left unsigned when recovered.
    package var unsigned: UInt64
    /// Bytes found damaged after the last whole record, and moved out of the segment file.
    package var cut: UInt64
    /// Hash of the record before.
    package var previous: Digest
    /// Ed25519 over ``signedMessage(_:)``, 64 bytes.
    package var signature: [UInt8]

    package init(
        gateway: String, reason: Reason, unsigned: UInt64, cut: UInt64, previous: Digest, signature: [UInt8]
    ) {
        self.gateway = gateway
        self.reason = reason
        self.unsigned = unsigned
        self.cut = cut
        self.previous = previous
        self.signature = signature
    }

    /// What is signed: this line, then the record's own bytes up to `,"signature"`. The record names the hash of
    /// the one before it, which stands for all earlier ones.
    package static func signedMessage(_ record: some Collection<UInt8>) -> [UInt8] {
        Array("weir.dev/audit-head/v1\n".utf8) + record
    }
}
