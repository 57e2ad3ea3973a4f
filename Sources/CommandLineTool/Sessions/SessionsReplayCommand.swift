package import ArgumentParser
import Audit

/// `weirctl sessions replay ID`: the session as a transcript.
package struct SessionsReplayCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Print a session as a transcript.",
        discussion: """
            With --speed the transcript pauses as the session did: 1 is the session's own pace, 10 is ten times as \
            fast; no pause is longer than five seconds. With -o json it prints the records as they were sent.
            """)

    @OptionGroup var session: SessionArgument
    @OptionGroup var evidence: EvidenceOptions

    @Option(help: "Pace, 0.001 at least; everything at once when left out.")
    var speed: Double?

    @Option(
        name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    /// What is slower has no pause that a `Duration` holds. Ours.
    private static let slowestPace = 0.001
    private static let longestPause = Duration.seconds(5)

    package init() {}

    package func validate() throws {
        if let speed, !(speed >= Self.slowestPace && speed.isFinite) {
            throw ValidationError("--speed \(speed) is no number from \(Self.slowestPace) on")
        }
    }

    package func run() async throws {
        let identifier = try session.identifier()
        let source = try evidence.source()
        let summary = try await source.session(identifier)
        let lines = try await source.lines(of: identifier)
        if output == .json {
            for line in lines { print(String(decoding: line, as: UTF8.self)) }
            return
        }
        var last: Timestamp?
        let replay = Replay(summary)
        for line in lines {
            let record = try RecordDecoder(line).record()
            if let speed, let last {
                let microseconds = record.time.microsecondsSinceEpoch - last.microsecondsSinceEpoch
                try await Task.sleep(for: min(.microseconds(microseconds) / speed, Self.longestPause))
            }
            last = record.time
            print(replay.text(of: record), terminator: "")
        }
    }
}
