import API
import Audit

/// Turns records into lines of a format, in the order of the log: a session's first record tells who it is of.
struct RecordRenderer {
    private let format: ExportCommand.Format
    private var subjects: [SessionID: SessionStarted] = [:]

    init(_ format: ExportCommand.Format) {
        self.format = format
    }

    /// What comes before the first record.
    var heading: [UInt8] {
        format == .csv ? Array((CSVRow.columns.joined(separator: ",") + "\r\n").utf8) : []
    }

    /// With line feed; empty for records the format has no place for.
    mutating func render(_ line: [UInt8], gateway: String) throws -> [UInt8] {
        if format == .jsonl { return line + [0x0a] }
        let record = try RecordDecoder(line).record()
        guard case .event(let body) = record.content else { return [] }
        if case .sessionStarted(let started) = body { subjects[record.session] = started }
        defer {
            if case .sessionEnded = body { subjects[record.session] = nil }
        }
        let session = subjects[record.session]
        return switch format {
        case .csv: Array(CSVRow(record, body, session: session, gateway: gateway).text.utf8)
        case .ocsf:
            try OCSFEvent(record, body, session: session, gateway: gateway).map { event in
                try event.line
            } ?? []
        case .jsonl: line + [0x0a]
        }
    }
}
