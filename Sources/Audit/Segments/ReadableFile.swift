import Glibc

/// A file opened for reading at any offset.
@safe
package struct ReadableFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    package init(path: String) throws(RecorderError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", file: path, errno: errno) }
    }

    deinit { close(descriptor) }

    package var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

    /// Appends up to `count` bytes from `offset` on; fewer only at the end of the file.
    package func read(
        _ count: Int, at offset: Int, appendingTo bytes: inout [UInt8]
    ) throws(RecorderError) -> Int {
        var total = 0
        while total < count {
            let wanted = count - total
            var result = 0
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initializedCount in
                result = unsafe pread(descriptor, buffer.baseAddress, wanted, off_t(offset + total))
                initializedCount = max(0, result)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw .system(call: "pread", file: path, errno: errno) }
            guard result > 0 else { break }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            total += result
        }
        return total
    }

    /// Waits until what was written to the file, also through a mapping, survives a loss of power.
    package func synchronize() throws(RecorderError) {
        guard fdatasync(descriptor) == 0 else {
            throw .system(call: "fdatasync", file: path, errno: errno)
        }
    }
}
