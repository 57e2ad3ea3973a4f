import NIOCore

/// What listeners and connectors have in common.
enum SocketOptions {
    /// Connections the kernel completes ahead of us.
    static let backlog: Int32 = 1024

    /// One read a readiness: the kernel says again when there is more, and a reader that has had enough is
    /// not handed another buffer.
    static let readsPerReadiness: UInt = 1

    /// In bytes: small while a session idles, so that many cost little; up to 64 KiB while results stream.
    static func makeReadAllocator() -> AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 64 << 10)
    }
}
