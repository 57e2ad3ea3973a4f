import API
import Audit
import AuditSink
import FoundationEssentials

/// Records read from files, all of them into memory.
struct EvidenceArchive {
    struct Entry {
        let position: UInt64
        let gateway: String
        let line: [UInt8]
        let record: Record
    }

    private(set) var entries: [Entry] = []

    /// Reads whatever of the four kinds `path` is.
    static func read(_ path: String) throws -> Self {
        var archive = Self()
        switch try EvidencePath(path) {
        case .sinkFolder(let folder):
            let store = try StoredLog(folder: folder)
            try store.forEachRecord { entry in archive.add(entry.line, gateway: entry.gateway) }
        case .gatewayFolder(_, let segments):
            for segment in segments { try archive.add(segment: segment) }
        case .segment(let file): try archive.add(segment: file)
        case .bundle(let file):
            var reader = try LineReader(path: file, maximumLength: EvidenceBundle.maximumLineLength)
            _ = try reader.next()  // its header
            while let line = try reader.next() {
                let entry = try EvidenceBundle.Entry(line: line)
                archive.add(entry.record, gateway: entry.gateway)
            }
        }
        return archive
    }

    func lines(of session: SessionID) -> [[UInt8]] {
        entries.filter { $0.record.session == session }.map(\.line)
    }

    func session(_ session: SessionID) -> SessionSummary? {
        SessionIndex(entries.filter { $0.record.session == session }).summaries.first
    }

    /// Newest first.
    func sessions(_ filter: SessionFilter) -> [SessionSummary] {
        let matching = SessionIndex(entries).summaries.reversed().filter { summary in
            (filter.subject == nil || summary.subject == filter.subject)
                && (filter.since.map { summary.started >= $0.text } ?? true)
        }
        return Array(matching.prefix(filter.limit))
    }

    private mutating func add(segment path: String) throws {
        var reader = try SegmentReader(path: path)
        var gateway = ""
        while case .whole(let line) = try reader.next() {
            let record = try RecordDecoder(line).record()
            if case .segment(let header) = record.content { gateway = header.gateway }
            entries.append(
                Entry(position: UInt64(entries.count), gateway: gateway, line: line, record: record))
        }
    }

    /// What is no record is left to `weirctl verify`.
    private mutating func add(_ line: [UInt8], gateway: String) {
        guard let record = try? RecordDecoder(line).record() else { return }
        entries.append(
            Entry(position: UInt64(entries.count), gateway: gateway, line: line, record: record))
    }
}
