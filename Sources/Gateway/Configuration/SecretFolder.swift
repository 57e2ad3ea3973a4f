package import API
import Glibc

/// Secrets as a mounted Kubernetes Secret shows them: a folder for each, a file for each key.
package struct SecretFolder: Sendable {
    /// Longest secret, in bytes; Kubernetes' own limit for a whole Secret is 1 MiB.
    package static let maximumLength = 1 << 20

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The content of a key, without the line end an editor leaves; read afresh, for secrets are rotated in place.
    package func read(_ reference: SecretKeyReference) throws(SecretFault) -> [UInt8] {
        guard Self.isName(reference.name), Self.isName(reference.key) else { throw .missing(reference) }
        guard var content = Self.content(of: "\(path)/\(reference.name)/\(reference.key)") else {
            throw .missing(reference)
        }
        if content.last == 0x0A { content.removeLast() }
        if content.last == 0x0D { content.removeLast() }
        guard !content.isEmpty else { throw .empty(reference) }
        return content
    }

    /// Whether there is the secret at all, whatever its keys.
    func hasSecret(_ name: String) -> Bool {
        var facts = stat()
        guard Self.isName(name), unsafe stat("\(path)/\(name)", &facts) == 0 else { return false }
        return facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Names of a secret's keys, in order; also of what else is in its folder, which cannot be read as one.
    func keys(of name: String) -> [String] {
        guard Self.isName(name), let stream = unsafe opendir("\(path)/\(name)") else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // In place: the record may be shorter than the type says.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            if Self.isName(name) { names.append(name) }
        }
        return names.sorted()
    }

    package func has(_ reference: SecretKeyReference) -> Bool {
        (try? read(reference)) != nil
    }

    /// No part of a path: nothing outside of the folder can be named.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
            && !name.utf8.contains(0)
    }

    /// A regular file's bytes; `nil` when there is none or it is too long.
    static func content(of path: String, upTo limit: Int = maximumLength) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while content.count <= limit {
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return content }
            if count < 0 {
                guard errno == EINTR else { return nil }
                continue
            }
            content += piece[..<count]
        }
        return nil
    }
}

/// Why a secret cannot be used; names it, never its content.
package enum SecretFault: Error, Equatable, CustomStringConvertible {
    case missing(SecretKeyReference)
    case empty(SecretKeyReference)
    /// Fewer bytes than a key needs.
    case tooShort(SecretKeyReference, minimum: Int)

    package var description: String {
        switch self {
        case .missing(let reference): "secret \(reference.name) has no readable key \(reference.key)"
        case .empty(let reference): "key \(reference.key) of secret \(reference.name) is empty"
        case .tooShort(let reference, let minimum):
            "key \(reference.key) of secret \(reference.name) is shorter than \(minimum) bytes"
        }
    }
}
