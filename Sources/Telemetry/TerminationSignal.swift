import Dispatch
import Glibc

/// Waits for SIGTERM or SIGINT, which the first process of a container would not heed by itself.
package enum TerminationSignal {
    package static func wait() async {
        for number in [SIGTERM, SIGINT] { signal(number, SIG_IGN) }
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let sources = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { arrived.yield() }
            source.resume()
            return source
        }
        for await _ in arrivals { break }
        for source in sources { source.cancel() }
    }
}
