import API
import Glibc

/// The bytes of one file of manifests.
package struct ManifestFile: Sendable, Equatable {
    /// Largest file read, in bytes: what the API server lets a ConfigMap hold.
    package static let maximumSize = 1 << 20

    /// As faults name it.
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Reads a regular file, following links.
    init(reading path: String) throws(ManifestFault) {
        let position = ManifestPosition(file: path, line: 0, column: 0)
        // Not blocking: a named pipe of that name must not hang the gateway.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ManifestFault(at: position, "cannot be opened: \(Self.lastError)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ManifestFault(at: position, "is no regular file")
        }
        guard let bytes = Self.bytes(of: descriptor, atMost: Self.maximumSize) else {
            throw ManifestFault(at: position, "cannot be read: \(Self.lastError)")
        }
        guard bytes.count <= Self.maximumSize else {
            throw ManifestFault(at: position, "is larger than \(Self.maximumSize) bytes")
        }
        self.init(path: path, bytes: bytes)
    }

    static var lastError: String {
        unsafe String(cString: strerror(errno))
    }

    /// At most one byte more than `limit`; `nil` on an error.
    private static func bytes(of descriptor: Int32, atMost limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = unsafe read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
