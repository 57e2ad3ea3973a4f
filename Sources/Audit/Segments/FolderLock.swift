import Glibc

/// A folder that one process at a time writes to (`flock`). The kernel lets go of it with the value or the process.
package final class FolderLock: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Makes the folder if there is none, for its owner alone.
    /// - Throws: ``RecorderError/folderInUse(_:)`` while another process has it.
    package init(_ path: String) throws(RecorderError) {
        self.path = path
        try PrivateFolder.make(path)
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", file: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            close(descriptor)
            throw error == EWOULDBLOCK
                ? .folderInUse(path) : .system(call: "flock", file: path, errno: error)
        }
        // Set last: from then on `deinit` closes it, also when the initializer throws.
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Waits until made and removed names survive a loss of power.
    package func synchronize() throws(RecorderError) {
        guard fsync(descriptor) == 0 else { throw .system(call: "fsync", file: path, errno: errno) }
    }
}
