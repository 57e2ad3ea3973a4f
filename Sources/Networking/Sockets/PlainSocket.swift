import Glibc
package import NIOCore

/// The socket of a channel whose pipeline passes bytes on as they are: what is sent on it needs no buffer of its own
/// and no way through the pipeline.
///
/// Its owner sees to the order: it sends nothing here while the channel has something to write, and nothing at all
/// once the channel is inactive, as the descriptor may be another's by then.
package struct PlainSocket {
    private let descriptor: CInt

    /// - Returns: `nil` where bytes do not leave as they are.
    package init?(of channel: any Channel) {
        let pipeline = channel.pipeline.syncOperations
        guard channel.isActive, (try? pipeline.handler(type: TLSHandler.self)) == nil,
            let descriptor = try? pipeline.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self, { $0 })
        else { return nil }
        self.descriptor = descriptor
    }

    /// Sends what the kernel takes at once.
    /// - Returns: how many bytes that were; 0 also after an error, which the channel meets as well.
    package func send(_ bytes: Span<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { buffer in
            while true {
                let sent = unsafe Glibc.send(
                    descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                if sent >= 0 { return sent }
                guard errno == EINTR else { return 0 }
            }
        }
    }
}
