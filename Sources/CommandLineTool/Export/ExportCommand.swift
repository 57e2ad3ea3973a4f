import API
package import ArgumentParser
import Audit

/// `weirctl export`: evidence to hand on.
package struct ExportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export records, with what proves them.",
        discussion: """
            jsonl is a bundle that weirctl verify checks offline: every record byte for byte, the sink's signed \
            checkpoint, and, for a single session, a proof that each record is in the log. From files it is the \
            records alone. csv and ocsf (Open Cybersecurity Schema Framework, a JSON object a line) are for other \
            tools and prove nothing.
            """)

    @OptionGroup var evidence: EvidenceOptions

    @Option(help: "Only this session.")
    var session: String?

    @Option(help: "What to write.")
    var format = Format.jsonl

    @Option(
        name: .shortAndLong,
        help: "Write to this file, which must not exist yet; standard output when left out.")
    var output: String?

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl
        case csv
        case ocsf
    }

    package init() {}

    package func run() async throws {
        let identifier = try session.map { try SessionArgument.identifier($0) }
        let source = try evidence.source()
        if let identifier { _ = try await source.session(identifier) }
        let file = try OutputFile(output)
        do {
            try await write(source, identifier, to: file)
        } catch {
            file.remove()
            throw error
        }
    }

    private func write(
        _ source: EvidenceSource, _ identifier: SessionID?, to file: borrowing OutputFile
    ) async throws {
        switch source {
        case .sink(let client):
            let (header, size) = try await client.bundleHeader()
            var renderer = RecordRenderer(format)
            var heading = format == .jsonl ? header.line : renderer.heading
            try await client.export(session: identifier, size: size) { page in
                // Whoever may not read the records gets nothing.
                try file.write(heading)
                heading = []
                if format == .jsonl {
                    try file.write(page)
                } else {
                    for line in page.split(separator: 0x0a) {
                        let entry = try EvidenceBundle.Entry(line: Array(line))
                        try file.write(renderer.render(entry.record, gateway: entry.gateway))
                    }
                }
            }
        case .archive(let archive):
            var renderer = RecordRenderer(format)
            try file.write(renderer.heading)
            for entry in archive.entries where identifier == nil || entry.record.session == identifier {
                try file.write(renderer.render(entry.line, gateway: entry.gateway))
            }
        }
    }
}
