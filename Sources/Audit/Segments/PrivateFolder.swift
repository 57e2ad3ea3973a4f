import Glibc

/// A folder that a program makes for its own data.
package enum PrivateFolder {
    /// Of each folder that is made: for its owner alone.
    private static let mode: mode_t = 0o700

    /// Makes the folder if there is none, and those above it that are missing.
    /// - Throws: ``RecorderError/system(call:file:errno:)`` with the folder that could not be made.
    package static func make(_ path: String) throws(RecorderError) {
        var fault = makeOne(path)
        if fault == ENOENT, let parent = parent(of: path) {
            try make(parent)
            fault = makeOne(path)
        }
        guard fault == 0 else { throw .system(call: "mkdir", file: path, errno: fault) }
    }

    /// - Returns: `errno`; 0 also where something of that name is there.
    private static func makeOne(_ path: String) -> Int32 {
        if unsafe mkdir(path, mode) == 0 { return 0 }
        return errno == EEXIST ? 0 : errno
    }

    /// `nil` of what lies in the working folder or the root.
    private static func parent(of path: String) -> String? {
        let slash = UInt8(ascii: "/")
        var name = path.utf8[...]
        while name.last == slash { name.removeLast() }
        guard let end = name.lastIndex(of: slash), end > name.startIndex else { return nil }
        return String(decoding: name[..<end], as: UTF8.self)
    }
}
