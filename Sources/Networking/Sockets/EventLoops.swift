package import NIOCore
import NIOPosix

/// The threads on which sockets are served.
package enum EventLoops {
    /// For servers with many threads anyway; lasts as long as the process.
    package static var shared: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    package static func start(count: Int) -> any EventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: count)
    }
}
