/// Records taken out of a sink's log together with what proves them, one JSON object a line:
///
///     {"bundle":"weir.dev/evidence/v1","origin":"…","key":"…","checkpoint":"…"}
///     {"position":7,"gateway":"…","proof":["…"],"record":{…}}
///
/// A record is last in its line and stands there byte for byte. Without proofs, the bundle has all records of the
/// checkpoint's tree.
package enum EvidenceBundle {
    package struct Header: Sendable {
        /// The sink's, as it publishes it.
        package let key: VerifierKey
        /// A signed ``Checkpoint``.
        package let note: String

        package init(key: VerifierKey, note: String) {
            self.key = key
            self.note = note
        }
    }

    package struct Entry: Sendable, Equatable {
        package let position: UInt64
        package let gateway: String
        /// The audit path of the record in the checkpoint's tree; `nil` in bundles of all records.
        package let proof: [Digest]?
        /// Without its line feed.
        package let record: [UInt8]

        package init(position: UInt64, gateway: String, proof: [Digest]?, record: [UInt8]) {
            self.position = position
            self.gateway = gateway
            self.proof = proof
            self.record = record
        }
    }

    package static let format = "weir.dev/evidence/v1"
    /// Longest line read, in bytes: a record, and a path in a tree of 2^64 leaves.
    package static let maximumLineLength = Record.maximumLength + (64 << 10)
}

extension EvidenceBundle.Header {
    /// With its line feed.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.literal(#"{"bundle":"#)
        writer.string(EvidenceBundle.format)
        writer.literal(#","origin":"#)
        writer.string(key.name)
        writer.literal(#","key":"#)
        writer.string(key.text)
        writer.literal(#","checkpoint":"#)
        writer.string(note, limit: SignedNote.maximumLength)
        writer.literal("}\n")
        return writer.bytes
    }

    /// Reads a line without its line feed.
    package init(line: [UInt8]) throws(RecordFault) {
        var cursor = JSONCursor(line)
        try cursor.expect(#"{"bundle":"#)
        guard try cursor.string() == EvidenceBundle.format else { throw .value(member: "bundle") }
        try cursor.expectMember("origin")
        let origin = try cursor.string()
        try cursor.expectMember("key")
        guard let key = VerifierKey(try cursor.string()), key.name == origin else {
            throw .value(member: "key")
        }
        try cursor.expectMember("checkpoint")
        let note = try cursor.string()
        try cursor.expect("}")
        guard cursor.isAtEnd else { throw .unexpected(offset: cursor.offset) }
        self.init(key: key, note: note)
    }
}

extension EvidenceBundle.Entry {
    /// With its line feed.
    package var line: [UInt8] {
        var writer = JSONWriter()
        writer.literal(#"{"position":"#)
        writer.number(position)
        writer.literal(#","gateway":"#)
        writer.string(gateway)
        if let proof {
            writer.literal(#","proof":"#)
            writer.strings(proof.map(\.hexadecimal))
        }
        writer.literal(#","record":"#)
        writer.raw(record)
        writer.literal("}\n")
        return writer.bytes
    }

    /// Reads a line without its line feed; the record's own bytes are not looked at.
    package init(line: [UInt8]) throws(RecordFault) {
        guard line.count <= EvidenceBundle.maximumLineLength else { throw .tooLong }
        var cursor = JSONCursor(line)
        try cursor.expect(#"{"position":"#)
        let position = try cursor.number()
        try cursor.expectMember("gateway")
        let gateway = try cursor.string()
        var proof: [Digest]?
        if cursor.member("proof") {
            var path: [Digest] = []
            for text in try cursor.strings() {
                guard let digest = Digest(hexadecimal: text) else { throw .value(member: "proof") }
                path.append(digest)
            }
            proof = path
        }
        try cursor.expectMember("record")
        guard line.last == UInt8(ascii: "}"), cursor.offset < line.count else {
            throw .unexpected(offset: cursor.offset)
        }
        self.init(
            position: position, gateway: gateway, proof: proof,
            record: Array(line[cursor.offset..<line.count - 1]))
    }
}
