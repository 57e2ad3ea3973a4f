import Audit
import Glibc
import TemporaryFiles
import Testing

struct PrivateFolderTests {
    /// Permissions in octal digits; `nil` where there is no folder.
    private func mode(_ path: String) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        return String(status.st_mode & 0o7777, radix: 8)
    }

    @Test(arguments: ["data", "nd/weir/sink", "nd//weir/./sink/"])
    func `a folder is made with those above it, for their owner alone`(name: String) throws {
        let folder = try TemporaryFolder()
        try PrivateFolder.make(folder.file(name))
        var made = folder.path
        for part in name.split(separator: "/") where part != "." {
            made += "/" + part
            #expect(mode(made) == "700", "\(made)")
        }
    }

    @Test
    func `what is there stays as it is`() throws {
        let folder = try TemporaryFolder()
        let open = folder.file("open")
        try #require(unsafe mkdir(open, 0o755) == 0)
        let before = mode(open)
        try PrivateFolder.make(open)
        try PrivateFolder.make(open + "/data")
        #expect(mode(open) == before)
        #expect(mode(open + "/data") == "700")
    }

    @Test
    func `the folder that cannot be made is named`() throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "file")
        let path = folder.file("file/weir/sink")
        #expect(throws: RecorderError.system(call: "mkdir", file: path, errno: ENOTDIR)) {
            try PrivateFolder.make(path)
        }
        // Nobody makes folders there.
        #expect(throws: RecorderError.system(call: "mkdir", file: "/proc/nd", errno: ENOENT)) {
            try PrivateFolder.make("/proc/nd/weir/sink")
        }
        #expect(throws: RecorderError.system(call: "mkdir", file: "", errno: ENOENT)) {
            try PrivateFolder.make("")
        }
    }

    @Test
    func `a gateway's data folder is made with those above it`() throws {
        let folder = try TemporaryFolder()
        let data = folder.file("nd/weir/gateway")
        let key = try GatewayKey.loadOrCreate(folder: data, gatewayName: "clinic")
        let recorder = try Recorder(
            folder: data + "/" + Spool.folderName, gatewayName: "clinic", key: key, at: Samples.time)
        #expect(recorder.lastSequence == 1)
        #expect(mode(folder.file("nd")) == "700" && mode(data) == "700")
    }

    @Test
    func `a folder is locked by one at a time`() throws {
        let folder = try TemporaryFolder()
        var lock: FolderLock? = try FolderLock(folder.path)
        #expect(throws: RecorderError.folderInUse(folder.path)) { try FolderLock(folder.path) }
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try FolderLock(folder.path)
    }
}
