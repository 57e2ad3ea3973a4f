import ArgumentParser
import FoundationEssentials

/// Files that options name.
enum TextFile {
    /// - Throws: `ValidationError`, also for an empty one.
    static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else {
            throw unreadable(path)
        }
        return Array(data)
    }

    /// Without the line end an editor leaves.
    static func line(_ path: String) throws -> [UInt8] {
        var bytes = try bytes(path)
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw unreadable(path) }
        return bytes
    }

    private static func unreadable(_ path: String) -> ValidationError {
        ValidationError("\(path) cannot be read, or holds nothing")
    }
}
