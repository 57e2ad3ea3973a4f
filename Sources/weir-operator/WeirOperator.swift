import ArgumentParser
import Telemetry

@main
struct WeirOperator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-operator",
        abstract: "Puts a gateway beside every workload that a DatabaseConnection selects.",
        version: Release.version,
        subcommands: [Run.self, Serve.self, Uninstall.self])
}
