import ArgumentParser
import Gateway

@main
struct WeirGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-gateway",
        abstract: "Stands between clients and their database: masks, refuses, records.",
        version: GatewayProcess.version,
        subcommands: [Run.self, Wait.self])
}
