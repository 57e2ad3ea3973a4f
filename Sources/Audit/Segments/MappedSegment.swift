import Glibc
import Synchronization

/// The segment file that is written to, mapped into memory so that a record is kept once its bytes are stored:
/// the kernel owns them, whatever becomes of this process.
///
/// The file is allocated whole when it is made, so that a full disk shows then and not as SIGBUS later; what has
/// not been written is zero.
@safe
final class MappedSegment {
    let path: String
    let capacity: Int
    /// Bytes of whole records.
    private(set) var count: Int

    private let descriptor: Int32
    private let base: UnsafeMutableRawPointer
    /// Pages before this offset were given back.
    private var releasedCount = 0
    /// Pages before this offset can be written to without a fault.
    private var preparedCount: Int

    /// Written pages given back to the kernel's cache at a time, so that they do not count as our memory.
    private static let releaseStride = 512 << 10
    /// Pages made ready at a time, which costs less than a fault each.
    private static let preparedStride = 64 << 10

    /// Makes a file of `capacity` zero bytes, a multiple of the page size. There is none when it throws.
    convenience init(creating path: String, capacity: Int) throws(RecorderError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", file: path, errno: errno) }
        let status = posix_fallocate(descriptor, 0, off_t(capacity))
        guard status == 0 else {
            close(descriptor)
            unsafe unlink(path)
            throw status == ENOSPC || status == EDQUOT
                ? .noSpace : .system(call: "posix_fallocate", file: path, errno: status)
        }
        try self.init(mapping: descriptor, path: path, capacity: capacity, count: 0)
    }

    /// Opens a file that a process before this one made, and that holds `count` bytes of whole records.
    convenience init(continuing path: String, count: Int) throws(RecorderError) {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", file: path, errno: errno) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= count, size > 0 else {
            close(descriptor)
            throw .damaged(file: path)
        }
        // A file that was copied may have holes: without its blocks, writing to the mapping could be a SIGBUS.
        guard posix_fallocate(descriptor, 0, size) == 0 else {
            close(descriptor)
            throw .noSpace
        }
        try self.init(mapping: descriptor, path: path, capacity: Int(size), count: count)
    }

    /// Owns `descriptor` from here on, also when it throws.
    private init(mapping descriptor: Int32, path: String, capacity: Int, count: Int) throws(RecorderError) {
        let base = unsafe mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            let error = RecorderError.system(call: "mmap", file: path, errno: errno)
            close(descriptor)
            throw error
        }
        self.path = path
        self.capacity = capacity
        self.count = count
        preparedCount = count & ~(Self.preparedStride - 1)
        self.descriptor = descriptor
        unsafe self.base = base
    }

    deinit {
        unsafe munmap(base, capacity)
        close(descriptor)
    }

    var remainingCount: Int { capacity - count }

    /// Appends a whole record; the caller has seen to it that it fits.
    ///
    /// The first byte is stored last. A record whose first byte is still zero was never appended, however much
    /// of the rest is there.
    func append(_ record: Span<UInt8>) {
        precondition(!record.isEmpty && record.count <= remainingCount, "a record fits its segment")
        if count + record.count > preparedCount, preparedCount < capacity { preparePages() }
        unsafe record.withUnsafeBytes { source in
            let target = unsafe base + count
            unsafe target.advanced(by: 1)
                .copyMemory(from: source.baseAddress.unsafelyUnwrapped + 1, byteCount: source.count - 1)
            atomicMemoryFence(ordering: .releasing)
            unsafe target.storeBytes(of: source[0], as: UInt8.self)
        }
        count += record.count
        releaseWrittenPages()
    }

    /// Overwrites everything after the whole records with zeros.
    func eraseTail(ofLength length: Int) {
        precondition(length <= remainingCount)
        unsafe memset(base + count, 0, length)
    }

    /// Cuts the file to its records; nothing is appended to it any more.
    func seal() throws(RecorderError) {
        guard ftruncate(descriptor, off_t(count)) == 0 else {
            throw .system(call: "ftruncate", file: path, errno: errno)
        }
    }

    private func preparePages() {
        let start = max(preparedCount, count & ~(Self.preparedStride - 1))
        preparedCount = min(start + Self.preparedStride, capacity)
        // A kernel without it (before 5.14), or an error, leaves the pages to faults.
        unsafe madvise(base + start, preparedCount - start, MADV_POPULATE_WRITE)
    }

    private func releaseWrittenPages() {
        guard count - releasedCount >= Self.releaseStride else { return }
        let end = count & ~(Self.releaseStride - 1)
        // Only advice: the pages stay in the file, and an error changes nothing.
        unsafe madvise(base + releasedCount, end - releasedCount, MADV_DONTNEED)
        releasedCount = end
    }
}
