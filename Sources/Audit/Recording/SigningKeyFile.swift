package import Cryptography
import FoundationEssentials
import Glibc

/// A private key in a file, PKCS#8 in PEM, for its owner alone.
package enum SigningKeyFile {
    /// Reads the key, or makes it if there is none; `folder`, too.
    /// - Throws: ``RecorderError/damaged(file:)`` when the file is no key; it is never replaced.
    package static func loadOrCreate(
        _ path: String, in folder: String
    ) throws(RecorderError) -> Ed25519.PrivateKey {
        try PrivateFolder.make(folder)
        if let kept = try load(path) { return kept }
        return try create(path)
    }

    /// Writes the public half as a ``VerifierKey`` and a line feed.
    package static func publish(
        _ key: Ed25519.PrivateKey, name: String, to path: String
    ) throws(RecorderError) {
        do {
            let text = VerifierKey(name: name, publicKey: try key.publicKey).text + "\n"
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .system(call: "write", file: path, errno: errno)
        }
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
