import Cryptography
import NIOCore
import Networking
import Session
import WireProtocols

/// Brings one cancel request to the server of its session, and waits until that has closed the connection, which
/// it does when it has sent the signal.
final class CancelConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// For all of it, once connected.
    static let timeout = TimeAmount.seconds(15)

    private let service: ConnectionService
    private let server: ServerAddress
    private var handshake: CancelHandshake
    private let done: EventLoopPromise<Void>
    private var hasSent = false

    init(
        _ request: CancelRequest, to server: ServerAddress, by service: ConnectionService,
        done: EventLoopPromise<Void>
    ) {
        self.service = service
        self.server = server
        self.done = done
        handshake = CancelHandshake(request, tls: server.negotiation)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        channel.eventLoop.assumeIsolated().scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
        perform(handshake.start(), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(handshake.receive(Array(unwrapInboundIn(data).readableBytesView)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if hasSent { done.succeed() } else { done.fail(NetworkingError.connectionClosed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !hasSent { done.fail(error) }
        context.close(promise: nil)
    }

    private func perform(_ actions: [CancelHandshake.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .send(let bytes):
                hasSent = handshake.hasSent
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .startTLS:
                startTLS(context)
            case .fail(let error):
                done.fail(error)
                context.close(promise: nil)
            }
        }
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: TLSFacts.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess { facts in
            let (handler, context) = bound.value
            handler.perform(
                handler.handshake.tlsStarted(applicationProtocol: facts.applicationProtocol), context)
        }
        promise.futureResult.whenFailure { error in
            let (handler, context) = bound.value
            handler.done.fail(error)
            context.close(promise: nil)
        }
        do {
            let handler = try service.access.tlsHandler(for: server, handshake: promise)
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            promise.fail(error)
        }
    }
}
