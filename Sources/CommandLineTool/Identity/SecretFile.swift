import ArgumentParser
import Glibc

/// A small file with a secret: readable by its owner alone, written whole or not at all.
struct SecretFile {
    /// Longest content, in bytes.
    static let maximumLength = 256 << 10

    let path: String

    /// - Throws: ``IdentityFault`` also for a file that others can read.
    func read() throws(IdentityFault) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var facts = stat()
        if descriptor != STDIN_FILENO, unsafe fstat(descriptor, &facts) == 0,
            facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 != 0
        {
            throw .openFile(path)
        }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while content.count <= Self.maximumLength {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return content }
            guard count > 0 else { throw .unreadable(path) }
            content += piece[..<count]
        }
        throw .unreadable(path)
    }

    /// Without white space around it.
    func readToken() throws(IdentityFault) -> String {
        let text = String(decoding: try read(), as: UTF8.self)
        let token = text.filter { !$0.isWhitespace }
        guard !token.isEmpty else { throw .unreadable(path) }
        return token
    }

    /// The token in a file that an option names, or its variable.
    /// - Throws: `ValidationError` where it cannot be read, or holds nothing; ``IdentityFault/openFile(_:)``.
    static func token(in path: String) throws -> String {
        do throws(IdentityFault) { return try Self(path: path).readToken() } catch {
            guard case .unreadable = error else { throw error }
            throw ValidationError("\(error)")
        }
    }

    func write(_ content: [UInt8]) throws(IdentityFault) {
        let draft = path + ".new"
        _ = unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard rest.isEmpty, isSynced, unsafe rename(draft, path) == 0 else { throw .unwritable(path) }
    }

    func remove() { _ = unsafe unlink(path) }
}

/// Where what a person has is kept, for themselves alone.
enum PersonalFolder {
    /// `WEIR_HOME`, or `weir` in the state folder of the XDG base directories.
    static func path(_ environment: [String: String]) throws(IdentityFault) -> String {
        let path: String
        if let own = environment["WEIR_HOME"], !own.isEmpty {
            path = own
        } else if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            path = state + "/weir"
        } else if let home = environment["HOME"], !home.isEmpty {
            path = home + "/.local/state/weir"
        } else {
            throw .unwritable("$HOME")
        }
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            _ = unsafe mkdir(made, made == path ? 0o700 : 0o755)
        }
        return path
    }
}
