package import Cryptography
package import Kubernetes

/// A JSON object that one replica of the operator writes, and any of them believes:
///
///     <kind>.<key>.<payload>.<signature>
///
/// The payload is in base64 for URLs, the signature Ed25519 by a key of grants over all that stands before it. The kind is signed
/// with the rest: none can be taken for another, nor for a grant.
package enum SignedText {
    /// Of the text, in bytes. Ours.
    package static let maximumLength = 24 << 10

    package static func sign(
        _ payload: JSON, as kind: String, by key: Ed25519.PrivateKey, id: String
    ) throws(CryptographyError) -> String {
        let text = "\(kind).\(id).\(Base64URL.encode(payload.rendered))"
        return text + "." + Base64URL.encode(try key.sign(Array(text.utf8)))
    }

    /// Whether it is of that kind by its first bytes.
    package static func isOf(_ kind: String, _ text: some Collection<UInt8>) -> Bool {
        text.starts(with: "\(kind).".utf8)
    }

    package static func open(
        _ text: [UInt8], as kind: String, keys: GrantKeySet
    ) throws(TokenFault) -> JSON {
        guard text.count <= maximumLength, isOf(kind, text) else { throw .malformed(kind) }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, let signature = Base64URL.decode(bytes: parts[3]) else {
            throw .malformed(kind)
        }
        guard let key = keys[String(decoding: parts[1], as: UTF8.self)] else { throw .unknownKey }
        guard key.isValidSignature(signature, for: Array(text[..<parts[2].endIndex])) else {
            throw .signature
        }
        guard let payload = Base64URL.decode(bytes: parts[2]),
            let json = try? JSON(parsing: payload, limits: JSON.Limits(length: maximumLength)),
            json.object != nil
        else { throw .malformed(kind) }
        return json
    }
}
