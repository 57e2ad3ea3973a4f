import Audit
import AuditSink
import FoundationEssentials

/// What a path holds, told by looking at it.
enum EvidencePath: Equatable {
    case sinkFolder(String)
    /// With the paths of its segments in order.
    case gatewayFolder(String, segments: [String])
    case segment(String)
    case bundle(String)

    /// - Throws: ``EvidenceFault/nothingIn(_:)`` when it is none of these.
    init(_ path: String) throws {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw EvidenceFault.unreadable(path, reason: "no such file or folder")
        }
        guard isFolder else {
            let start = try LineReader.start(of: path)
            self = start.starts(with: #"{"bundle":"#.utf8) ? .bundle(path) : .segment(path)
            guard self != .segment(path) || start.starts(with: #"{"seq":"#.utf8) else {
                throw EvidenceFault.nothingIn(path)
            }
            return
        }
        if FileManager.default.fileExists(atPath: "\(path)/\(EvidenceStore.fileName)") {
            self = .sinkFolder(path)
            return
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw EvidenceFault.unreadable(path, reason: "\(error)")
        }
        let segments = names.filter { SegmentName.firstSequence(of: $0) != nil }.sorted()
        if segments.isEmpty, names.contains(Spool.folderName) {
            self = try Self("\(path)/\(Spool.folderName)")
        } else if !segments.isEmpty || names.contains(GatewayKey.publicFileName) {
            self = .gatewayFolder(path, segments: segments.map { "\(path)/\($0)" })
        } else {
            throw EvidenceFault.nothingIn(path)
        }
    }
}
