import NIOCore

/// A response whose body is read as it comes. Its connection is its own, and ends with it.
package final class HTTPStream: Sendable {
    package let status: Int
    /// By lower-case name; values of the same name joined by `, `.
    package let headers: [String: String]
    private let handler: NIOLoopBound<HTTPStreamHandler>
    private let channel: any Channel

    init(head: HTTPResponse, handler: NIOLoopBound<HTTPStreamHandler>, channel: any Channel) {
        status = head.status
        headers = head.headers
        self.handler = handler
        self.channel = channel
    }

    deinit { channel.close(promise: nil) }

    /// The next piece of the body, of any size; one caller at a time.
    /// - Returns: `nil` at the body's end.
    /// - Throws: ``NetworkingError/timedOut`` after too long a silence, ``NetworkingError/connectionClosed`` when the
    ///   connection ends before the body does, also by ``close()`` or the task's end.
    package func next() async throws -> [UInt8]? {
        let handler = handler
        return try await withTaskCancellationHandler {
            try await channel.eventLoop.flatSubmit { handler.value.next() }.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    package func close() {
        channel.close(promise: nil)
    }
}
