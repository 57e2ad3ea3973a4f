package import ArgumentParser
import Audit

/// `weirctl self-test verify FILE`: whether a report is as it was signed.
package struct SelfTestVerifyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check the signature of a self-test's report, offline.",
        discussion: """
            Exit status: 0 when the key signed the report as it is, 1 when not, 64 for options that cannot be used. What \
            the report says does not matter to it.
            """)

    @Argument(help: "The report.")
    var file: String

    @Option(help: "The public key from a place you trust: the .pub file beside the signing key.")
    var key: String

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    private struct Answer: Encodable {
        var isSigned: Bool
        var report: SelfTestReport
    }

    package init() {}

    package func run() throws {
        let line = String(decoding: try TextFile.line(key), as: UTF8.self)
        guard let verifier = VerifierKey(line) else {
            throw ValidationError("--key \(key) holds no public key as a .pub file does")
        }
        let (report, isSigned) = try SignedReport.read(TextFile.bytes(file), key: verifier, path: file)
        switch output {
        case .json: print(try JSONText.of(Answer(isSigned: isSigned, report: report)), terminator: "")
        case .table:
            print(
                report.text
                    + (isSigned ? "signed by \(verifier.text)\n" : "NOT SIGNED by \(verifier.text)\n"),
                terminator: "")
        }
        if !isSigned { throw ExitCode(1) }
    }
}
