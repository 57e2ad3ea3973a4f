package import ArgumentParser

package struct SessionsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List, show and replay recorded sessions.",
        subcommands: [SessionsListCommand.self, SessionsShowCommand.self, SessionsReplayCommand.self])

    package init() {}
}
