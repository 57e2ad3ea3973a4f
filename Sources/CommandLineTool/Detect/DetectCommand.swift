import API
package import ArgumentParser
import FoundationEssentials
import Masking

/// `weirctl detect FILE...`: what the gateway's detectors find in texts.
package struct DetectCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "detect", abstract: "Find identifiers in texts, as masking rules with dataTypes do.",
        discussion: """
            Prints the place of each identifier in bytes from the start of its file, and the identifier itself: the \
            output is as sensitive as the input. `--mask` prints the text with its identifiers replaced instead.
            """)

    @Option(
        name: .customLong("data-types"),
        help:
            "Kinds to look for, with commas; all by default: \(IdentifierKind.allCases.map(\.rawValue).joined(separator: ",")).",
        transform: DetectCommand.kinds)
    var dataTypes = IdentifierKind.allCases

    @Option(
        name: .shortAndLong, help: "How to print: \(OutputFormat.allValueStrings.joined(separator: ", ")).")
    var output = OutputFormat.table

    @Flag(help: "Print the texts with [redacted] in place of identifiers.")
    var mask = false

    @Option(help: "Scan each text so many times and print the time it took instead.")
    var measure: Int?

    @Argument(help: "Files in UTF-8; - is standard input.")
    var files: [String]

    package init() {}

    package func run() async throws {
        let texts = try files.map { (file: $0, bytes: try Self.read($0)) }
        if let measure {
            let speed = try DetectionReport.speed(of: texts.map(\.bytes), kinds: dataTypes, rounds: measure)
            print(speed, terminator: "")
        } else if mask {
            let output = try OutputFile(nil)
            for text in texts { try output.write(DetectionReport.masked(text.bytes, kinds: dataTypes)) }
        } else {
            var report = DetectionReport()
            for text in texts { report.add(text.bytes, of: text.file, kinds: dataTypes) }
            print(try report.text(as: output), terminator: "")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path == "-" ? "/dev/stdin" : path) else {
            throw ValidationError("\(path) cannot be read.")
        }
        return Array(data)
    }

    private static func kinds(_ list: String) throws -> [IdentifierKind] {
        try list.split(separator: ",").map { name in
            guard let kind = IdentifierKind(rawValue: String(name)) else {
                throw ValidationError("\(name) is no kind of identifier.")
            }
            return kind
        }
    }
}
