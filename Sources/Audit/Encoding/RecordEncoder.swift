package import API
package import Cryptography

/// Turns contents into the lines of one chain, each hashed over the one before.
///
/// A line is `{"seq":…,"time":…,…members…,"hash":"…"}` and a line feed. The hash is SHA-256 over the previous
/// record's hash (32 bytes) and this line's bytes up to `,"hash"`.
package struct RecordEncoder: ~Copyable {
    private var writer = JSONWriter()
    private var context = SHA256Context()
    /// Hash of the last record committed, 32 bytes.
    private var previous: [UInt8]
    /// Hash of the record in the writer, 32 bytes.
    private var pending = [UInt8](repeating: 0, count: SHA256.digestLength)

    package init(continuing previous: Digest) {
        self.previous = previous.bytes
    }

    /// The line encoded last, with its line feed.
    package var line: [UInt8] { writer.bytes }

    /// How many bytes the line encoded last has.
    package var lineLength: Int { writer.count }

    /// Lends the line encoded last, with its line feed.
    package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        writer.withBytes(body)
    }

    /// Hash of the last record committed.
    package var head: Digest {
        guard let digest = Digest(bytes: previous) else { preconditionFailure("a digest has 32 bytes") }
        return digest
    }

    /// Makes the line encoded last the one the next continues.
    package mutating func commit() {
        swap(&previous, &pending)
    }

    package mutating func encode(
        _ event: AuditEvent, sequence: UInt64, time: Timestamp, clockBehind: UInt64
    ) {
        begin(sequence: sequence, time: time, clockBehind: clockBehind, session: event.session)
        writer.body(event.body)
        end()
    }

    package mutating func encode(
        _ header: SegmentHeader, sequence: UInt64, time: Timestamp, clockBehind: UInt64
    ) {
        begin(sequence: sequence, time: time, clockBehind: clockBehind, session: .gateway)
        writer.segment(header)
        end()
    }

    package mutating func encode(
        _ event: SinkEvent, sequence: UInt64, time: Timestamp, clockBehind: UInt64
    ) {
        begin(sequence: sequence, time: time, clockBehind: clockBehind, session: .gateway)
        writer.sinkEvent(event)
        end()
    }

    /// `sign` returns the 64 bytes of the signature over its argument.
    package mutating func encodeHead(
        _ reason: SignedHead.Reason, gateway: String, unsigned: UInt64, cut: UInt64, sequence: UInt64,
        time: Timestamp, clockBehind: UInt64, sign: ([UInt8]) throws(CryptographyError) -> [UInt8]
    ) throws(CryptographyError) {
        begin(sequence: sequence, time: time, clockBehind: clockBehind, session: .gateway)
        writer.head(reason, gateway: gateway, unsigned: unsigned, cut: cut, previous: head)
        let signature = try sign(SignedHead.signedMessage(writer.bytes))
        writer.literal(#","signature":""#)
        writer.raw(Base64.encodedBytes(signature))
        writer.literal("\"")
        end()
    }

    private mutating func begin(sequence: UInt64, time: Timestamp, clockBehind: UInt64, session: SessionID) {
        writer.removeAll()
        writer.literal(#"{"seq":"#)
        writer.number(sequence)
        writer.literal(#","time":"#)
        writer.timestamp(time)
        if clockBehind > 0 {
            writer.literal(#","clockBehind":"#)
            writer.number(clockBehind)
        }
        if session != .gateway {
            writer.literal(#","session":""#)
            writer.hexadecimal(session.high)
            writer.hexadecimal(session.low)
            writer.literal("\"")
        }
    }

    private mutating func end() {
        if writer.omittedCount > 0 {
            writer.literal(#","omitted":"#)
            writer.number(writer.omittedCount)
        }
        context.update(previous)
        writer.withBytes { context.update($0) }
        var digest: [UInt8] = []
        swap(&digest, &pending)  // its storage is used again, not copied
        var output = digest.mutableSpan
        context.finish(into: &output)
        writer.literal(#","hash":""#)
        writer.hexadecimal(digest.span)
        writer.literal("\"}\n")
        swap(&digest, &pending)
    }
}
