package import Cryptography

/// The key a gateway signs with: made at its first start, and kept in its data folder for its owner alone.
package enum GatewayKey {
    /// PKCS#8 in PEM, mode 0600.
    package static let fileName = "gateway.key"
    /// The name and public key as a ``VerifierKey``, for whoever verifies.
    package static let publicFileName = "gateway.pub"

    /// Reads the key, or makes it if the folder has none; the folder, too.
    /// - Throws: ``RecorderError/damaged(file:)`` when the file is no key; it is never replaced.
    package static func loadOrCreate(
        folder: String, gatewayName: String
    ) throws(RecorderError) -> Ed25519.PrivateKey {
        let key = try SigningKeyFile.loadOrCreate("\(folder)/\(fileName)", in: folder)
        try SigningKeyFile.publish(key, name: gatewayName, to: "\(folder)/\(publicFileName)")
        return key
    }

    /// Hexadecimal digits of the key's hash that a pod's name is told apart by.
    private static let digestLength = 8

    /// The key of a pod, and the name that goes with it: the pod's, with a digest of the key.
    ///
    /// A pod of a StatefulSet comes back under its name, with an empty data folder and so another key. To the sink,
    /// another key under a known name is a forgery.
    package static func loadOrCreate(
        folder: String, ofPod pod: String
    ) throws(RecorderError) -> (name: String, key: Ed25519.PrivateKey) {
        let key = try SigningKeyFile.loadOrCreate("\(folder)/\(fileName)", in: folder)
        let digest: String
        do {
            digest = Hexadecimal.encode(SHA256.digest(of: try key.publicKey.rawRepresentation))
        } catch {
            throw .signing
        }
        let suffix = "." + digest.prefix(digestLength)
        let name = String(pod.prefix(GatewayName.maximumLength - suffix.count)) + suffix
        try SigningKeyFile.publish(key, name: name, to: "\(folder)/\(publicFileName)")
        return (name, key)
    }
}
