package import ArgumentParser
import Audit
import FoundationEssentials

/// `weirctl verify PATH...`: whether evidence is whole, from the files alone.
package struct VerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify evidence offline.",
        discussion: """
            Each path is a gateway's data folder, a segment file, a sink's data folder or an export bundle. Paths that \
            hold records of the same gateway are compared with each other. Nothing is changed, and nothing running is \
            disturbed.

            Exit status: 0 when all is intact, 1 when something was edited, removed, reordered, truncated, forked or \
            cannot be read, 64 for options that cannot be used. What a good result proves, and what it does not, is in Documentation/audit-log.md.
            """)

    @Argument(help: "What to verify.")
    var paths: [String]

    @Option(help: "A checkpoint of the sink kept elsewhere: its log must contain that tree. May be repeated.")
    var checkpoint: [String] = []

    @Option(help: "The gateway's gateway.pub from a place you trust. May be repeated, for several gateways.")
    var gatewayKey: [String] = []

    @Option(help: "The sink's sink.pub from a place you trust.")
    var sinkKey: String?

    @Option(
        name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func run() async throws {
        var verification = try self.verification
        try verification.run(paths)
        switch output {
        case .json: print(try JSONText.of(verification.report), terminator: "")
        case .table: print(verification.report.text, terminator: "")
        }
        if !verification.report.isIntact { throw ExitCode(1) }
    }

    /// A file that is no key or checkpoint says nothing about the evidence.
    private var verification: Verification {
        get throws {
            do {
                return Verification(
                    gatewayKeys: try gatewayKey.map(Self.key), sinkKey: try sinkKey.map(Self.key),
                    notes: try checkpoint.map(Self.note))
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    private static func note(_ path: String) throws -> String {
        let text = try text(path)
        guard SignedNote(text).flatMap({ Checkpoint(text: $0.text) }) != nil else {
            throw EvidenceFault.unreadable(path, reason: "not a checkpoint")
        }
        return text
    }

    private static func key(_ path: String) throws -> VerifierKey {
        let line = try text(path).prefix { $0 != "\n" }
        guard let key = VerifierKey(line) else {
            throw EvidenceFault.unreadable(path, reason: "not a key as gateway.pub and sink.pub hold it")
        }
        return key
    }

    private static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceFault.unreadable(path, reason: "no such file, or not permitted")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
