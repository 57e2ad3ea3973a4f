import API
import Masking

/// What detectors found in texts.
struct DetectionReport {
    struct Entry: Encodable {
        var file: String
        var kind: String
        /// Bytes from the start of the file; `end` is the first behind the identifier.
        var start: Int
        var end: Int
        var text: String
    }

    private var entries: [Entry] = []

    mutating func add(_ text: [UInt8], of file: String, kinds: [IdentifierKind]) {
        for finding in IdentifierScanner(kinds: kinds).findings(in: text.span) {
            entries.append(
                Entry(
                    file: file, kind: finding.kind.rawValue, start: finding.range.lowerBound,
                    end: finding.range.upperBound, text: String(decoding: text[finding.range], as: UTF8.self))
            )
        }
    }

    func text(as format: OutputFormat) throws -> String {
        switch format {
        case .json: return try JSONText.of(entries)
        case .table:
            var table = Table(["FILE", "KIND", "START", "END", "TEXT"])
            for entry in entries {
                table.add([entry.file, entry.kind, "\(entry.start)", "\(entry.end)", entry.text])
            }
            return table.text
        }
    }

    /// The text as a masked column shows it under `Redact`.
    static func masked(_ text: [UInt8], kinds: [IdentifierKind]) throws -> [UInt8] {
        let actions = Dictionary(uniqueKeysWithValues: kinds.map { ($0, MaskingAction.redact) })
        // No key is used by this action.
        let keys = try MaskingKeys(gateway: [UInt8](repeating: 0, count: MaskingKeys.minimumKeyLength))
        var out: [UInt8] = []
        let textType: UInt32 = 25
        _ = ColumnMasker(
            IdentifierSearch(actions: actions, column: ""), type: textType, isBinary: false, keys: keys)?
            .mask(text.span, into: &out)
        return out
    }

    /// How fast the texts are scanned, one line.
    static func speed(of texts: [[UInt8]], kinds: [IdentifierKind], rounds: Int) throws -> String {
        let scanner = IdentifierScanner(kinds: kinds)
        var found = 0
        let time = ContinuousClock().measure {
            for _ in 0..<rounds {
                for text in texts { found += scanner.findings(in: text.span).count }
            }
        }
        let bytes = texts.reduce(0) { $0 + $1.count } * rounds
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        let rate = Int(Double(bytes) / 1e6 / max(seconds, 1e-9))
        return "\(bytes) bytes, \(found) identifiers, \(rate) MB/s\n"
    }
}
