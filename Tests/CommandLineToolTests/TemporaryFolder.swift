import FoundationEssentials

/// A folder that is gone when the value is.
final class TemporaryFolder {
    let path: String

    init() throws {
        let name = "weir-command-line-\(UInt64.random(in: 0...UInt64.max))"
        // Where there is a file system in memory, thousands of fsyncs cost nothing.
        let memory = URL(filePath: "/dev/shm")
        let isThere = FileManager.default.isWritableFile(atPath: memory.path())
        path = (isThere ? memory : FileManager.default.temporaryDirectory).appending(path: name).path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
