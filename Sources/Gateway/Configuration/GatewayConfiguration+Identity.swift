import Audit
import Cryptography

extension GatewayConfiguration {
    /// Hexadecimal digits of the key's hash that a pod's name is told apart by.
    private static let digestLength = 8

    /// The gateway's key, and the name that goes with it.
    ///
    /// A pod of a StatefulSet comes back under its name, with an empty data folder and so another key. To the sink,
    /// another key under a known name is a forgery: in a cluster, a digest of the key is part of the name.
    func identity() throws(RecorderError) -> (name: String, key: Ed25519.PrivateKey) {
        let key = try GatewayKey.loadOrCreate(folder: data, gatewayName: name)
        guard controlPlane != nil else { return (name, key) }
        let digest: String
        do {
            digest = Hexadecimal.encode(SHA256.digest(of: try key.publicKey.rawRepresentation))
        } catch {
            throw .signing
        }
        let suffix = "." + digest.prefix(Self.digestLength)
        let unique = String(name.prefix(GatewayName.maximumLength - suffix.count)) + suffix
        return (unique, try GatewayKey.loadOrCreate(folder: data, gatewayName: unique))
    }
}
