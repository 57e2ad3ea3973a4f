import ArgumentParser
import Gateway

/// `weir-gateway wait`.
struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait until the gateway of this machine is ready, or another of Weir's programs is.",
        discussion: """
            For the postStart command of a gateway that is no native sidecar: the containers after it start once it \
            returns. Exit status: 0 when it is ready, 1 when it is not in time, 64 for options that cannot be used.
            """)

    @Option(help: "ADDRESS:PORT of the gateway's health listener; or WEIR_HEALTH_ADDRESS.")
    var healthAddress: String?
    @Option(help: "What is asked there.")
    var path = "/readyz"
    @Option(help: "How long to wait at most, such as 60s.")
    var timeout = "60s"

    func run() async throws {
        guard let address = healthAddress ?? WeirEnvironment.ofThisProcess.value("HEALTH_ADDRESS") else {
            throw Exit.configuration("--health-address (or WEIR_HEALTH_ADDRESS) is missing")
        }
        guard let time = GatewayConfiguration.duration(timeout) else {
            throw Exit.configuration("--timeout \(timeout): no duration, such as 60s")
        }
        let probe: ReadinessProbe
        do throws(GatewayFault) { probe = try ReadinessProbe(address: address, path: path) } catch {
            throw Exit.configuration("\(error)")
        }
        if let obstacle = try await probe.wait(for: time) {
            throw Exit.failure("not ready after \(timeout): \(obstacle)")
        }
    }
}
