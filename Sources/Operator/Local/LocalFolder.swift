import Audit
import Glibc

/// A folder of small files that are replaced whole.
package struct LocalFolder: Sendable {
    /// Longest file read, in bytes.
    static let maximumLength = 4 << 20

    let path: String

    struct Fault: Error, CustomStringConvertible {
        var path: String
        var reason: String

        init(_ path: String, _ error: Int32 = errno) {
            self.path = path
            reason = unsafe String(cString: strerror(error))
        }

        var description: String { "\(path): \(reason)" }
    }

    /// Made when it is not there, with those above it, for its owner alone.
    init(_ path: String) throws(Fault) {
        self.path = path
        do throws(RecorderError) { try PrivateFolder.make(path) } catch {
            guard case .system(_, let folder, let reason) = error else { throw Fault(path) }
            throw Fault(folder, reason)
        }
    }

    /// Why the folder cannot be read; `nil` when it can.
    package static func fault(of path: String) -> String? {
        guard let directory = unsafe opendir(path) else { return Fault(path).description }
        unsafe closedir(directory)
        return nil
    }

    /// Contents by name of a folder that is not made; links are followed, as Kubernetes mounts secrets by them. Names
    /// that begin with a dot are left out, and so is what cannot be read.
    static func files(in path: String) throws(Fault) -> [(name: String, bytes: [UInt8])] {
        try names(in: path).compactMap { name in
            read(path + "/" + name).map { bytes in (name: name, bytes: bytes) }
        }
    }

    /// Those that do not begin with a dot.
    static func names(in path: String) throws(Fault) -> [String] {
        guard let directory = unsafe opendir(path) else { throw Fault(path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Replaces the file at once, also after a crash.
    /// - Returns: whether it is kept.
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) -> Bool {
        let (file, draft) = (path + "/" + name, path + "/." + name)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return false }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWhole else { return false }
        return unsafe rename(draft, file) == 0
    }

    func remove(_ name: String) { unsafe unlink(path + "/" + name) }

    /// Whether there is anything of that name, or that cannot be told.
    static func isThere(_ path: String) -> Bool {
        var facts = stat()
        return unsafe lstat(path, &facts) == 0 || errno != ENOENT
    }

    /// - Returns: `nil` for what cannot be read, or is too long.
    package static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= maximumLength {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }
}
