import ArgumentParser
import Telemetry

@main
struct WeirAuditSink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-audit-sink", abstract: "Keeps the audit log of all gateways, and proves it.",
        version: Release.version,
        subcommands: [Run.self])
}
