package import Cryptography
package import HummingbirdCore
package import Logging
package import NIOCore
import Networking

/// A connection in TLS by OpenSSL, with HTTP inside.
package struct SecureChannel<Inner: ServerChildChannel>: ServerChildChannel {
    package typealias Value = Inner.Value

    private let inner: Inner
    private let context: @Sendable () throws(TLSError) -> TLSContext

    /// `context` is that of a new connection; one for which there is none is closed.
    package init(inner: Inner, context: @escaping @Sendable () throws(TLSError) -> TLSContext) {
        self.inner = inner
        self.context = context
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(TLSHandler(context: try context()))
        }
        .flatMap { inner.setup(channel: channel, logger: logger) }
        .flatMapErrorThrowing { error in
            // Whoever connects must not wait for what does not come.
            channel.close(promise: nil)
            throw error
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await inner.handle(value: value, logger: logger)
    }
}
