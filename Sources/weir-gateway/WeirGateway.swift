import ArgumentParser
import Gateway
import Telemetry

@main
struct WeirGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-gateway",
        abstract: "Stands between clients and their database: masks, refuses, records.",
        version: Release.version,
        subcommands: [Run.self, Wait.self])
}
