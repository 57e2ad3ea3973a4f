import FoundationEssentials

/// A folder that is gone when the value is.
package final class TemporaryFolder {
    package let path: String

    package init() throws {
        let name = "weir-\(UInt64.random(in: 0...UInt64.max))"
        // Where there is a file system in memory, thousands of fsyncs cost nothing.
        let memory = URL(filePath: "/dev/shm")
        let isThere = FileManager.default.isWritableFile(atPath: memory.path())
        path = (isThere ? memory : FileManager.default.temporaryDirectory).appending(path: name).path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func file(_ name: String) -> String { path + "/" + name }

    package var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    package func read(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: file(name))))
    }

    package func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    package func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: file(name))
    }
}
