/// Why what proved a client's identity holds no more; as the log tells it.
package enum IdentityEnd: String, Sendable {
    case expired = "identity expired"
    case revoked = "identity revoked"
    /// The connection does not accept its issuer any more, or the workload.
    case unaccepted = "identity no longer accepted"
}
