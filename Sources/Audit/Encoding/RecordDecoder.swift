package import API
import Cryptography

/// Reads one line. Strict: what ``RecordEncoder`` would not write is no record, but for types of later versions.
package struct RecordDecoder {
    private let line: [UInt8]

    /// `,"hash":"` and 64 digits and `"}`.
    private static let trailerLength = 9 + 64 + 2

    /// Takes a line without its line feed; reads nothing yet.
    package init(_ line: [UInt8]) throws(RecordFault) {
        guard line.count < Record.maximumLength else { throw .tooLong }
        self.line = line
    }

    /// The bytes the record's hash is over, after the hash of the record before.
    package var hashedBytes: ArraySlice<UInt8> {
        line.prefix(max(0, line.count - Self.trailerLength))
    }

    /// The bytes a head's signature is over, after the first line of its message; `nil` when there is no signature.
    package var signedBytes: ArraySlice<UInt8>? {
        let count = hashedBytes.count - SignedHead.signatureMemberLength
        return count > 0 ? line.prefix(count) : nil
    }

    /// The hash the record ought to have after `previous`.
    package func hash(after previous: Digest) -> Digest {
        Digest(of: previous.bytes + hashedBytes)
    }

    /// What every record has, whatever its type; the members in between are not looked at.
    package func envelope() throws(RecordFault) -> Envelope {
        var cursor = JSONCursor(line)
        return try envelope(&cursor)
    }

    /// What shipping must know of a record, at a fraction of the envelope's cost.
    func outline() throws(RecordFault) -> Outline {
        var cursor = JSONCursor(line)
        let sequence = try sequence(&cursor)
        try cursor.expectMember("time")
        _ = try cursor.plain(Timestamp.textLength)
        if cursor.member("clockBehind") { _ = try cursor.number() }
        if cursor.member("session") { _ = try cursor.plain(SessionID.textLength) }
        try cursor.expectMember("type")
        return Outline(sequence: sequence, isHead: cursor.take("\"head\""))
    }

    package func record() throws(RecordFault) -> Record {
        var cursor = JSONCursor(line)
        let envelope = try envelope(&cursor)
        let content = try cursor.content(type: envelope.type)
        if cursor.member("omitted") { _ = try cursor.number() }
        guard cursor.offset == hashedBytes.endIndex else { throw .unexpected(offset: cursor.offset) }
        return Record(
            sequence: envelope.sequence, time: envelope.time, clockBehind: envelope.clockBehind,
            session: envelope.session, content: content, hash: envelope.hash)
    }

    private func envelope(_ cursor: inout JSONCursor) throws(RecordFault) -> Envelope {
        let sequence = try sequence(&cursor)
        try cursor.expectMember("time")
        guard let time = Timestamp(ascii: try cursor.plain(Timestamp.textLength)) else {
            throw .value(member: "time")
        }
        let clockBehind = cursor.member("clockBehind") ? try cursor.number() : 0
        let session = cursor.member("session") ? try cursor.sessionID() : .gateway
        try cursor.expectMember("type")
        let type = try cursor.string()
        guard cursor.offset <= hashedBytes.endIndex else { throw .unexpected(offset: cursor.offset) }
        return Envelope(
            sequence: sequence, time: time, clockBehind: clockBehind, session: session, type: type,
            hash: try trailer())
    }

    private func sequence(_ cursor: inout JSONCursor) throws(RecordFault) -> UInt64 {
        try cursor.expect(#"{"seq":"#)
        let sequence = try cursor.number()
        guard Record.sequences.contains(sequence) else { throw .value(member: "seq") }
        return sequence
    }

    private func trailer() throws(RecordFault) -> Digest {
        var cursor = JSONCursor(line, at: hashedBytes.endIndex)
        try cursor.expectMember("hash")
        guard let hash = Digest(hexadecimal: try cursor.plain(64)) else { throw .value(member: "hash") }
        try cursor.expect("}")
        guard cursor.isAtEnd else { throw .unexpected(offset: cursor.offset) }
        return hash
    }

    struct Outline: Equatable {
        let sequence: UInt64
        let isHead: Bool
    }

    package struct Envelope: Sendable, Equatable {
        package let sequence: UInt64
        package let time: Timestamp
        package let clockBehind: UInt64
        package let session: SessionID
        package let type: String
        package let hash: Digest
    }
}

extension SignedHead {
    /// `,"signature":"` and 88 characters of Base64 and `"`.
    static let signatureMemberLength = 14 + 88 + 1
}
