package import Cryptography
import FoundationEssentials
import Glibc

/// The key a gateway signs with: made at its first start, and kept in its data folder for its owner alone.
package enum GatewayKey {
    /// PKCS#8 in PEM, mode 0600.
    package static let fileName = "gateway.key"
    /// The name and public key as a C2SP verifier key, for whoever verifies; see ``VerifierKey``.
    package static let publicFileName = "gateway.pub"

    /// Reads the key, or makes it if the folder has none.
    /// - Throws: ``RecorderError/damaged(file:)`` when the file is no key; it is never replaced.
    package static func loadOrCreate(
        folder: String, gatewayName: String
    ) throws(RecorderError) -> Ed25519.PrivateKey {
        try loadOrCreate(folder: folder, file: fileName, publicFile: publicFileName, name: gatewayName)
    }

    /// The same for a key of another name, such as the sink's.
    package static func loadOrCreate(
        folder: String, file: String, publicFile: String, name: String
    ) throws(RecorderError) -> Ed25519.PrivateKey {
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .system(call: "mkdir", file: folder, errno: errno)
        }
        let path = "\(folder)/\(file)"
        let key: Ed25519.PrivateKey
        if let kept = try load(path) {
            key = kept
        } else {
            key = try create(path)
        }
        do {
            let text = VerifierKey(name: name, publicKey: try key.publicKey).text + "\n"
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(publicFile)"), options: .atomic)
        } catch {
            throw .system(call: "write", file: "\(folder)/\(publicFile)", errno: errno)
        }
        return key
    }

    private static func load(_ path: String) throws(RecorderError) -> Ed25519.PrivateKey? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path),
            let key = try? Ed25519.PrivateKey(pem: String(decoding: data, as: UTF8.self))
        else { throw .damaged(file: path) }
        return key
    }

    /// A crash leaves no half-written key behind: it is written under another name first.
    private static func create(_ path: String) throws(RecorderError) -> Ed25519.PrivateKey {
        let pem: String
        let key: Ed25519.PrivateKey
        do {
            key = try .generate()
            pem = try key.pemRepresentation()
        } catch {
            throw .signing
        }
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", file: draft, errno: errno) }
        let bytes = Array(pem.utf8)
        let isKept = unsafe write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isKept, unsafe rename(draft, path) == 0 else {
            throw .system(call: "write", file: path, errno: errno)
        }
        return key
    }
}
