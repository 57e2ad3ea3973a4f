package import NIOCore
import NIOPosix

/// The threads on which sockets are served.
package enum EventLoops {
    package static func start(count: Int) -> any EventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: count)
    }
}
