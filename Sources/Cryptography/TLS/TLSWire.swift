import COpenSSL

/// What libssl takes for the network: reads from the caller's memory, writes to an array.
///
/// A class because libssl keeps its address; it does not own the connection, the connection owns it.
@safe
final class TLSWire {
    /// What is left of the bytes of the receive under way; points into the caller's memory, and so is empty
    /// outside of it.
    private var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// What is to be sent.
    private(set) var output: [UInt8] = []

    /// Output above which the memory is given back once it is sent, in bytes.
    private static let retainedCapacity = 4096

    /// Made once, only read afterwards and never freed, so unsafe only to the compiler.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir")
        unsafe BIO_meth_set_read(
            method, { bio, target, count in unsafe TLSWire.of(bio).read(bio, target, count) })
        unsafe BIO_meth_set_write(
            method, { bio, source, count in unsafe TLSWire.of(bio).write(source, count) })
        // Flushing is all that is asked of it, and there is nothing to flush.
        unsafe BIO_meth_set_ctrl(method, { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 })
        return unsafe method
    }()

    /// A handle for libssl, which must not outlive `self`; `nil` when memory is short.
    func makeBIO() -> OpaquePointer? {
        guard let bio = unsafe BIO_new(Self.method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    /// Lets libssl read `bytes` while `body` runs.
    func reading<Result: ~Copyable, E: Error>(
        _ bytes: UnsafeRawBufferPointer, _ body: () throws(E) -> Result
    ) throws(E) -> Result {
        unsafe input = bytes
        defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
        return try body()
    }

    /// Hands over the output and forgets it; keeps a little memory for the next.
    func takeOutput(_ body: (RawSpan) -> Void) {
        unsafe output.withUnsafeBytes { unsafe body($0.bytes) }
        output.removeAll(keepingCapacity: output.capacity <= Self.retainedCapacity)
    }

    private static func of(_ bio: OpaquePointer?) -> TLSWire {
        guard let data = unsafe BIO_get_data(bio) else { fatalError("a BIO of ours without its wire") }
        return unsafe Unmanaged<TLSWire>.fromOpaque(data).takeUnretainedValue()
    }

    private func read(
        _ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ limit: Int32
    ) -> Int32 {
        unsafe weir_BIO_clear_retry(bio)
        guard let target = unsafe target, limit > 0 else { return 0 }
        let count = unsafe min(Int(limit), input.count)
        guard count > 0, let source = unsafe input.baseAddress else {
            unsafe weir_BIO_set_retry_read(bio)
            return -1
        }
        unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count)
        unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
        return Int32(count)
    }

    private func write(_ source: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
        unsafe output.append(contentsOf: UnsafeRawBufferPointer(start: source, count: Int(count)))
        return count
    }
}
