package import Cryptography

/// A text with signatures, in the C2SP signed note format (c2sp.org/signed-note).
///
///     text, one or more lines
///
///     — name Base64(key id, signature)
package struct SignedNote: Sendable, Equatable {
    package struct Signature: Sendable, Equatable {
        package let name: String
        /// Four bytes.
        package let keyIdentifier: [UInt8]
        package let bytes: [UInt8]
    }

    /// With its last line feed.
    package let text: String
    package private(set) var signatures: [Signature]

    /// In bytes; longer notes are not read.
    package static let maximumLength = 64 << 10
    /// At most this many signatures are read.
    package static let signatureLimit = 16

    /// Signs `text`, which ends with a line feed, under the name of `signer`.
    package init(signing text: String, as name: String, with key: Ed25519.PrivateKey)
        throws(CryptographyError)
    {
        self.text = text
        let identifier = VerifierKey(name: name, publicKey: try key.publicKey).identifier
        signatures = [
            Signature(name: name, keyIdentifier: identifier, bytes: try key.sign(Array(text.utf8)))
        ]
    }

    /// Reads a note; verifies nothing.
    /// - Returns: `nil` when it is none.
    package init?(_ note: String) {
        let bytes = Array(note.utf8)
        guard bytes.count <= Self.maximumLength, bytes.last == 0x0a,
            bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }),
            let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a })
        else { return nil }
        text = String(decoding: bytes[..<blank], as: UTF8.self)
        signatures = []
        for line in bytes[(blank + 1)...].dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
        {
            guard let signature = Signature(line: String(decoding: line, as: UTF8.self)),
                signatures.count < Self.signatureLimit
            else { return nil }
            signatures.append(signature)
        }
    }

    /// The note as a file holds it.
    package var note: String {
        signatures.reduce(text + "\n") { note, signature in
            note + "\u{2014} \(signature.name) "
                + Base64.encode(signature.keyIdentifier + signature.bytes) + "\n"
        }
    }

    /// Whether the key signed the text. Signatures of other keys do not count, a wrong one of this key does.
    package func isSigned(by key: VerifierKey) -> Bool {
        let own = signatures.filter { $0.name == key.name && $0.keyIdentifier == key.identifier }
        return !own.isEmpty
            && own.allSatisfy { key.publicKey.isValidSignature($0.bytes, for: Array(text.utf8)) }
    }
}

extension SignedNote.Signature {
    fileprivate init?(line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "\u{2014}", !parts[1].isEmpty, !parts[1].contains("+"),
            let bytes = Base64.decode(parts[2]), bytes.count > 4
        else { return nil }
        self.init(
            name: String(parts[1]), keyIdentifier: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
    }
}
