/// Ed25519 signatures (RFC 8032).
package enum Ed25519 {
    /// In bytes.
    package static let seedLength = 32
    /// In bytes.
    package static let publicKeyLength = 32
    /// In bytes.
    package static let signatureLength = 64
}
