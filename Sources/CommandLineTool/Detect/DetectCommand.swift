import API
package import ArgumentParser
import FoundationEssentials
import Glibc
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

    package func validate() throws {
        guard measure == nil || !mask else {
            throw ValidationError("--mask and --measure exclude each other")
        }
        if let measure, measure < 1 { throw ValidationError("--measure \(measure) is not 1 or more") }
    }

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
        guard path != "-" else { return try readStandardInput() }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read.")
        }
        return Array(data)
    }

    private static func readStandardInput() throws -> [UInt8] {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ValidationError("Standard input cannot be read.") }
            guard count > 0 else { return text }
            text += chunk[..<count]
        }
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
