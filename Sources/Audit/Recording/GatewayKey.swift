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
}
