import API
import Cryptography
import Kubernetes

/// A signed token in the compact form (RFC 7515, section 7.1), read and not verified.
struct CompactToken {
    /// Longest token, in bytes: what fits a password. Ours.
    static let maximumLength = 32 << 10
    /// Levels of lists and objects in header and payload. Ours.
    private static let maximumDepth = 8
    /// Values in each. Ours.
    private static let maximumValueCount = 4096

    let algorithm: TokenAlgorithm
    /// Names the key; nothing is looked up by it but a key of the issuer's set.
    let keyID: String?
    let payload: JSON
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// What a token may say it is. A token of another type (`logout+jwt`, `dpop+jwt`, `secevent+jwt`) is signed by the same
    /// keys and proves nothing of a subject (RFC 8725, section 3.11).
    private static let types: Set = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]

    /// - Throws: ``TokenFault/malformed(_:)`` and ``TokenFault/algorithm``. Parameters that would bring or name a key
    ///   (`jwk`, `jku`, `x5c`, `x5u`) mean nothing here.
    init(_ token: [UInt8]) throws(TokenFault) {
        guard token.count <= Self.maximumLength else { throw .malformed("too long") }
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("not three parts") }
        guard let signature = Base64URL.decode(bytes: parts[2]) else { throw .malformed("signature") }
        let header = try Self.object(parts[0], "header")
        guard header["crit"] == nil, header["b64"] == nil, header["zip"] == nil, header["cty"] == nil else {
            throw .malformed("header asks for what is not supported")
        }
        if let type = header["typ"] {
            guard let type = type.string, Self.types.contains(type.lowercased()) else {
                throw .malformed("a token of another type")
            }
        }
        guard let algorithm = header["alg"]?.string.flatMap(TokenAlgorithm.init) else { throw .algorithm }
        if let keyID = header["kid"] {
            guard let keyID = keyID.string, keyID.utf8.count <= JSONWebKey.maximumIDLength else {
                throw .malformed("key identifier")
            }
            self.keyID = keyID
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.signature = signature
        payload = try Self.object(parts[1], "payload")
        signedBytes = Array(token[..<parts[1].endIndex])
    }

    /// Two fields of one name are a fault (RFC 7515, section 4).
    private static func object(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenFault) -> JSON {
        guard let bytes = Base64URL.decode(bytes: part) else { throw .malformed(name) }
        var limits = JSON.Limits(length: maximumLength)
        limits.depth = maximumDepth
        limits.values = maximumValueCount
        guard let json = try? JSON(parsing: bytes, limits: limits), json.object != nil else {
            throw .malformed(name)
        }
        return json
    }
}
