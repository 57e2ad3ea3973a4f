import API
import Glibc

/// The `*.yaml` and `*.yml` files below a folder, sorted by path.
///
/// Links are followed, names that begin with a dot are not: Kubernetes mounts a ConfigMap as
/// `clinic.yaml -> ..data/clinic.yaml` with `..data -> ..2026_11_23`, and swaps `..data` on a change.
struct FolderWalk {
    /// Deepest folder below the one given.
    static let maximumDepth = 8
    /// Most entries looked at.
    static let maximumEntries = 10_000

    private(set) var files: [String] = []
    /// Every folder and file met with its state; a missing one too.
    private(set) var entries: [(path: String, status: FileStatus?)] = []
    private(set) var faults: [ManifestFault] = []

    init(_ folder: String) {
        visit(folder, depth: 0)
    }

    private mutating func visit(_ folder: String, depth: Int) {
        entries.append((folder, FileStatus(of: folder)))
        guard let names = Self.names(in: folder) else {
            fault(folder, "cannot be read: \(ManifestFile.lastError)")
            return
        }
        for name in names.sorted() where !name.hasPrefix(".") {
            guard entries.count < Self.maximumEntries else {
                return fault(folder, "holds more than \(Self.maximumEntries) files")
            }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            let isManifest = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            let status = FileStatus(of: path)
            if status?.isFolder == true {
                if depth == Self.maximumDepth {
                    fault(path, "is deeper than \(Self.maximumDepth) folders")
                } else {
                    visit(path, depth: depth + 1)
                }
            } else if isManifest {
                entries.append((path, status))
                files.append(path)
            }
        }
    }

    private mutating func fault(_ path: String, _ message: String) {
        faults.append(ManifestFault(at: .init(file: path, line: 0, column: 0), message))
    }

    private static func names(in folder: String) -> [String]? {
        guard let stream = unsafe opendir(folder) else { return nil }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // In place: the record may be shorter than the type says.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            names.append(name)
        }
        return names
    }
}

/// What `stat` says of a file, links followed.
struct FileStatus: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
    var mode: UInt32
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    /// Nanoseconds since 1970 of the last change to contents or attributes; cannot be set back.
    var changed: Int64

    /// `nil` when there is none.
    init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = UInt32(status.st_mode)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    var isFolder: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
