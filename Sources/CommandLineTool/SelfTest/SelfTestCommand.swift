package import ArgumentParser

/// `weirctl self-test`.
package struct SelfTestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "self-test", abstract: "Attack a gateway over a scratch schema of its database.",
        discussion: """
            1. Put what "weirctl self-test manifests --connection NAME" prints into the gateway's manifests.
            2. Run "weirctl self-test --connection NAME ...".
            3. Keep the report; "weirctl self-test verify" checks its signature.

            Documentation/self-test.md tells what is played, what a result means, and the report's format.
            """,
        subcommands: [SelfTestRunCommand.self, SelfTestManifestsCommand.self, SelfTestVerifyCommand.self],
        defaultSubcommand: SelfTestRunCommand.self)

    package init() {}
}

/// `weirctl self-test manifests`: what governs the scratch schema.
package struct SelfTestManifestsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "manifests", abstract: "Print the manifests that govern the scratch schema.")

    @Option(help: "The DatabaseConnection's name.")
    var connection: String

    @Option(name: .shortAndLong, help: "Its namespace.")
    var namespace = "default"

    package init() {}

    package func run() throws {
        print(ScratchSchema.manifests(connection: connection, namespace: namespace), terminator: "")
    }
}
