package import ArgumentParser
import Manifests

/// `weirctl validate DIR`: reads a folder of manifests as the gateway would, and tells everything wrong with it.
package struct ValidateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a folder of manifests.",
        discussion: """
            Every fault of every file is told at once, each as file:line: field: message. The exit status is 0 \
            when there is none, and 64 otherwise.
            """)

    @Argument(help: "The folder; *.yaml and *.yml below it are read.")
    var folder: String

    @Option(name: .shortAndLong, help: "Show only this namespace, and put objects that name none into it.")
    var namespace: String?

    @Option(help: "The namespace whose policies may select namespaces.")
    var platformNamespace = ManifestSet.defaultPlatformNamespace

    @Option(
        help:
            "The folder of secrets that the gateway is given, DIR/<secret>/<key>: warn of what log-ins to databases lack there."
    )
    var secrets: String?

    @Option(
        name: .shortAndLong,
        help: "How to print: \(ValidationReport.Format.allValueStrings.joined(separator: ", ")).")
    var output = ValidationReport.Format.table

    package init() {}

    package func run() async throws {
        let report = ValidationReport(
            folder: folder, namespace: namespace, platformNamespace: platformNamespace,
            secrets: secrets)
        print(report.text(as: output), terminator: "")
        if !report.isValid { throw ExitCode(64) }
    }
}

extension ValidationReport.Format: ExpressibleByArgument {}
