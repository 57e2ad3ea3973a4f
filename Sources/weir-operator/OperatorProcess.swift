import Kubernetes
import Logging
import Operator
import Telemetry

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
