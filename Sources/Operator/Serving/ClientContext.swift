package import Hummingbird
package import NIOCore

/// What is known of a request beside what it says: who sent it.
package struct ClientContext: RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The address of the other end of the connection, without its port; what headers say of others proves nothing.
    var client: String { remoteAddress?.ipAddress ?? "" }
}
