import Cryptography
import Glibc

/// The gateway's own secret, from which the keys of pseudonyms and salts are derived: random, made once, readable
/// by its owner alone.
enum KeyFile {
    static let length = 32

    static func loadOrCreate(_ path: String) throws -> [UInt8] {
        if let key = SecretFolder.content(of: path) {
            guard key.count == length else { throw GatewayFault.unreadableFile(path) }
            return key
        }
        let key = try RandomBytes.generate(length)
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw GatewayFault.unreadableFile(path) }
        let isKept = unsafe write(descriptor, key, length) == length && fsync(descriptor) == 0
        close(descriptor)
        guard isKept, unsafe rename(draft, path) == 0 else { throw GatewayFault.unreadableFile(path) }
        return key
    }
}
