package import ArgumentParser
import Telemetry

/// `weirctl`.
package struct WeirCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "weirctl",
        abstract: "Logs in to databases through Weir, and looks into its manifests, decisions and evidence.",
        discussion: """
            Evidence is read from a sink (--sink URL, or WEIR_SINK), or from files without any server (--from PATH). \
            A sink records who reads.

            Exit status: 0 when it is done, 64 for a command line that cannot be used (an unknown or missing option, a \
            value that is none, options that exclude each other, a file or connection that is not there), 1 for anything \
            else. What a command tells by its status besides is in its own help.
            """,
        version: Release.version,
        subcommands: [
            ValidateCommand.self, ExplainCommand.self, RoleCommand.self, GrantsCommand.self,
            SelfTestCommand.self, DetectCommand.self, SessionsCommand.self, VerifyCommand.self,
            ExportCommand.self, LoginCommand.self, ConnectCommand.self, TokenCommand.self,
            IdentitiesCommand.self, ApprovalsCommand.self,
        ])

    package init() {}
}
