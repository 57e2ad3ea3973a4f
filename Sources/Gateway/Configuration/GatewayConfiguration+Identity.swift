import Audit
import Cryptography

extension GatewayConfiguration {
    /// The gateway's key, and the name that goes with it; in a cluster, the key's digest is part of it.
    func identity() throws(RecorderError) -> (name: String, key: Ed25519.PrivateKey) {
        guard controlPlane != nil else {
            return (name, try GatewayKey.loadOrCreate(folder: data, gatewayName: name))
        }
        return try GatewayKey.loadOrCreate(folder: data, ofPod: name)
    }
}
