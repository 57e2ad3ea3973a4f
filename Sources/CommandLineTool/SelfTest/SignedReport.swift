import Audit
import Cryptography
import FoundationEssentials

/// A report as a C2SP signed note whose text is its JSON.
enum SignedReport {
    /// The name that signs.
    static let signer = "weir-self-test"

    static func sign(_ report: SelfTestReport, with key: Ed25519.PrivateKey) throws -> [UInt8] {
        Array(try SignedNote(signing: JSONText.of(report), as: signer, with: key).note.utf8)
    }

    /// - Returns: the report, and whether the key signed it as it is.
    /// - Throws: ``SelfTestFault/notASelfTest(_:)``, naming `path`.
    static func read(
        _ bytes: [UInt8], key: VerifierKey, path: String
    ) throws -> (report: SelfTestReport, isSigned: Bool) {
        guard let note = SignedNote(String(decoding: bytes, as: UTF8.self)),
            let report = try? JSONDecoder().decode(SelfTestReport.self, from: Data(note.text.utf8)),
            report.format == SelfTestReport.format
        else { throw SelfTestFault.notASelfTest(path) }
        return (report, note.isSigned(by: key))
    }
}
