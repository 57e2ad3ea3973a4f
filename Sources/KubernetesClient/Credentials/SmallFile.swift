import Glibc

/// Files of credentials and configuration.
enum SmallFile {
    /// Largest file read, in bytes. Ours.
    static let maximumSize = 4 << 20

    /// The bytes of a regular file, following links.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        // Not blocking: a named pipe of that name must not hang the process.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fault(path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(path): no regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw fault(path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumSize else {
                throw ConfigurationError("\(path): larger than \(maximumSize) bytes")
            }
        }
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    private static func fault(_ path: String) -> ConfigurationError {
        let reason = unsafe String(cString: strerror(errno))
        return ConfigurationError("\(path): \(reason)")
    }
}
