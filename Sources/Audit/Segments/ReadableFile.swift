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
        guard count > 0 else { return 0 }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        var total = 0
        while total < count {
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress.unsafelyUnwrapped + start + total, count - total,
                    off_t(offset + total))
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else {
                let error = RecorderError.system(call: "pread", file: path, errno: errno)
                bytes.removeLast(count - total)
                throw error
            }
            guard read > 0 else { break }
            total += read
        }
        bytes.removeLast(count - total)
        return total
    }

    /// Waits until what was written to the file, also through a mapping, survives a loss of power.
    package func synchronize() throws(RecorderError) {
        guard fdatasync(descriptor) == 0 else {
            throw .system(call: "fdatasync", file: path, errno: errno)
        }
    }
}
