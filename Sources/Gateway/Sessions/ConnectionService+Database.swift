import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// The way to the database, as the connection has it now.
extension ConnectionService {
    var access: DatabaseAccess {
        DatabaseAccess(to: environment.connection, secrets: configuration.secrets)
    }

    /// Has the database cancel what the key's owner is running, and returns once it has taken the request; who asks
    /// is not told whether there was one.
    func cancel(_ key: CancelRequest) -> EventLoopFuture<Void> {
        guard let (request, server) = cancellations.request(for: key) else {
            return loop.makeSucceededVoidFuture()
        }
        let done = loop.makePromise(of: Void.self)
        let (service, logger) = (NIOLoopBound(self, eventLoop: loop), logger)
        access.connect(to: server, on: loop).assumeIsolated().whenComplete { result in
            do {
                let handler = CancelConnection(request, to: server, by: service.value, done: done)
                try result.get().pipeline.syncOperations.addHandler(handler)
            } catch {
                done.fail(error)
            }
        }
        done.futureResult.whenFailure { error in
            logger.warning("cancel request not delivered", metadata: ["error": "\(error)"])
        }
        return done.futureResult
    }
}
