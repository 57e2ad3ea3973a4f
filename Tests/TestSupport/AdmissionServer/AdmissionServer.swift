package import Admission
package import Cryptography
import Hummingbird
import HummingbirdCore
import Logging
import Operator
import SecureServing

/// The routes of admission over TLS on a free port of this machine, for as long as `body` runs.
package func withAdmissionServer<Result: Sendable>(
    _ injector: Injector, identity: TLSContext.Identity, connections: [BoundConnection]?,
    room: Int = 32 << 20,
    _ body: @escaping @Sendable (_ port: Int) async throws -> Result
) async throws -> Result {
    let router = Router(context: ClientContext.self)
    let lookup = FixedConnections(all: connections)
    AdmissionRoutes(
        reviewer: AdmissionReviewer(injector: injector), lookup: lookup, nativeSidecars: { true },
        room: room
    ).add(to: router)
    let context = try TLSContext.server(identity: identity, applicationProtocol: "http/1.1")
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        router: router,
        server: HTTPServerBuilder { responder in
            SecureChannel(inner: HTTP1Channel(responder: responder)) { () throws(TLSError) in context }
        },
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
        logger: Logger(label: "admission", factory: { _ in SwiftLogNoOpLogHandler() }))
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await application.run()
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(port) }
            return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() { if let result { return result } }
        throw CancellationError()
    }
}

/// The same connections in every namespace; `nil` while they are not known.
private struct FixedConnections: ConnectionLookup {
    let all: [BoundConnection]?

    func connections(in namespace: String) -> [BoundConnection]? { all }
}
