import Audit
import Cryptography

/// What keeps a batch from being stored: it is not what the pinned key has signed, or not all that it has.
extension EvidenceStore {
    typealias Fault = (kind: SinkEvent.Incident, sequence: UInt64, detail: String)

    /// Records sent before must be the same now. Others under their numbers are a fork if the pinned key signed
    /// them, and else somebody's claim.
    func overlapFault(
        _ batch: Batch, gateway: Chain?, name: String, key: [UInt8]
    ) throws(StoreError) -> Fault? {
        guard let gateway else { return nil }
        for (index, item) in batch.items.enumerated() where item.record.sequence <= gateway.lastSequence {
            var stored: (line: [UInt8], hash: [UInt8])?
            try database.run(
                "SELECT line, hash FROM records WHERE gateway = ? AND sequence = ?",
                [.integer(gateway.id), .integer(Int64(item.record.sequence))]
            ) { row throws(StoreError) in stored = (row.blob(0), row.blob(1)) }
            guard let stored, stored.line != item.line else { continue }
            let rest = Array(batch.items[(index + 1)...])
            // Heads after it sign its hash: with the stored record's hash they sign that record.
            let isCovered =
                !rest.isEmpty && item.record.hash.bytes != stored.hash
                && chainFault(in: rest, continuing: item.record.hash, gateway: name, key: key) == nil
            return isCovered || isOtherHead(item, than: stored.line, gateway: name, key: key)
                ? (.forked, item.record.sequence, "the gateway signed another record under this number")
                : (.badSignature, item.record.sequence, "another record, not signed, under a number in use")
        }
        return nil
    }

    func chainFault(
        in items: [Batch.Item], continuing head: Digest, gateway: String, key: [UInt8]
    ) -> Fault? {
        guard let publicKey = try? Ed25519.PublicKey(rawRepresentation: key) else {
            return (.otherKey, 0, "the pinned key is no key")
        }
        var previous = head
        for item in items {
            let sequence = item.record.sequence
            guard let decoder = try? RecordDecoder(item.line),
                decoder.hash(after: previous) == item.record.hash
            else { return (.hashMismatch, sequence, "the record does not continue the one before it") }
            switch item.record.content {
            case .segment(let header):
                guard header.key == key, header.gateway == gateway else {
                    return (.otherKey, sequence, "the segment is of \(header.gateway), or of another key")
                }
            case .head(let head):
                guard head.previous == previous, signedBytes(of: item, gateway, by: publicKey) != nil else {
                    return (.badSignature, sequence, "the signature is not the pinned key's")
                }
            case .event, .sink, .other: break
            }
            previous = item.record.hash
        }
        return nil
    }

    /// Whether the record is a head the key has signed, and what it has signed is not in `line`. The record's hash and
    /// the form of its signature tell nothing: whoever has the stored line can write these anew.
    private func isOtherHead(
        _ item: Batch.Item, than line: [UInt8], gateway: String, key: [UInt8]
    ) -> Bool {
        guard let publicKey = try? Ed25519.PublicKey(rawRepresentation: key),
            let signed = signedBytes(of: item, gateway, by: publicKey)
        else { return false }
        return (try? RecordDecoder(line))?.signedBytes != signed
    }

    /// What of the record the key has signed; `nil` unless it is a head of that gateway, signed by that key.
    private func signedBytes(
        of item: Batch.Item, _ gateway: String, by key: Ed25519.PublicKey
    ) -> ArraySlice<UInt8>? {
        guard case .head(let head) = item.record.content, head.gateway == gateway,
            let bytes = (try? RecordDecoder(item.line))?.signedBytes,
            key.isValidSignature(head.signature, for: SignedHead.signedMessage(bytes))
        else { return nil }
        return bytes
    }
}
