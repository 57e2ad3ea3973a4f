import Dispatch
import Glibc
import Kubernetes
import Logging
import Operator
import Telemetry

/// The operator as a process.
struct OperatorProcess {
    let configuration: OperatorConfiguration
    let logger: Logger

    init(_ configuration: OperatorConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    func run() async throws {
        let program = ControlPlane(
            server: configuration.server, settings: configuration.settings, options: configuration.options,
            identity: configuration.identity, logger: logger, now: Self.now)
        let logger = logger
        try await program.run(
            until: { await TerminationSignal.wait() },
            isListening: { port in logger.notice("listening", metadata: ["port": "\(port)"]) })
    }

    static func now() -> Timestamp {
        Timestamp(microseconds: WallClock.now())
    }
}

/// Waits for SIGTERM or SIGINT.
enum TerminationSignal {
    static func wait() async {
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
