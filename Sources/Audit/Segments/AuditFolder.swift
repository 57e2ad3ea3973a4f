import FoundationEssentials
import Glibc

/// The folder that holds one gateway's segments, and the note of what the sink has acknowledged. One process at a
/// time writes to it.
final class AuditFolder: Sendable {
    let path: String
    private let lock: FolderLock

    /// Holds the last acknowledged sequence number in decimal digits and a line feed.
    static let acknowledgedName = "acknowledged"

    /// Makes the folder if there is none, for its owner alone.
    /// - Throws: ``RecorderError/folderInUse(_:)``
    init(path: String) throws(RecorderError) {
        self.path = path
        lock = try FolderLock(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func segment(_ firstSequence: UInt64) -> String { file(SegmentName.of(firstSequence: firstSequence)) }

    /// First sequence numbers of the segments, ascending.
    static func segments(in path: String) throws(RecorderError) -> [UInt64] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .compactMap(SegmentName.firstSequence(of:)).sorted()
        } catch {
            throw .system(call: "readdir", file: path, errno: errno)
        }
    }

    /// 0 when nothing was acknowledged.
    static func acknowledged(in path: String) throws(RecorderError) -> UInt64 {
        let name = path + "/" + acknowledgedName
        guard FileManager.default.fileExists(atPath: name) else { return 0 }
        guard let data = FileManager.default.contents(atPath: name), data.last == UInt8(ascii: "\n"),
            let number = UInt64(String(decoding: data.dropLast(), as: UTF8.self))
        else { throw .damaged(file: name) }
        return number
    }

    func writeAcknowledged(_ sequence: UInt64) throws(RecorderError) {
        try replace(Self.acknowledgedName, with: Array("\(sequence)\n".utf8))
    }

    /// Keeps bytes under a name that is not in use yet, or replaces the file in one step.
    func replace(_ name: String, with bytes: [UInt8]) throws(RecorderError) {
        do {
            try Data(bytes).write(to: URL(filePath: file(name)), options: .atomic)
        } catch {
            throw .system(call: "write", file: file(name), errno: errno)
        }
    }

    func remove(_ name: String) throws(RecorderError) {
        guard unsafe unlink(file(name)) == 0 || errno == ENOENT else {
            throw .system(call: "unlink", file: file(name), errno: errno)
        }
    }

    /// Waits until made and removed names survive a loss of power.
    func synchronize() throws(RecorderError) { try lock.synchronize() }
}
