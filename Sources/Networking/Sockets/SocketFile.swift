import Glibc
import NIOCore

/// The file by which a unix socket is found.
///
/// One that a killed process left behind is replaced; one that somebody listens on, and whatever is no socket, is not.
/// It goes when its listener does.
package struct SocketFile: Sendable {
    /// As PostgreSQL has it by default: whoever can reach the folder may connect.
    package static let openToAll: UInt32 = 0o777

    let path: String

    /// Makes room for a new socket.
    /// - Throws: ``NetworkingError/addressInUse(_:)`` when the file is in use, or is no socket.
    func removeStale() throws(NetworkingError) {
        guard let status = status() else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK, !hasListener() else { throw .addressInUse(path) }
        unsafe unlink(path)
    }

    /// A socket bound to the file, for a listener; nobody connects before it listens.
    func bind(permissions: UInt32) throws(NetworkingError) -> CInt {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let isBound = unsafe withAddress { unsafe Glibc.bind(descriptor, $0, $1) } == 0
        guard descriptor >= 0, isBound, unsafe chmod(path, permissions) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw .addressInUse(path)
        }
        return descriptor
    }

    /// Has the file go with the listener.
    func remove(at end: EventLoopFuture<Void>) {
        guard let own = status() else { return }
        let (device, number) = (own.st_dev, own.st_ino)
        end.whenComplete { _ in
            // Another process may have taken the place meanwhile.
            guard let current = status(), current.st_dev == device, current.st_ino == number else { return }
            unsafe unlink(path)
        }
    }

    private func status() -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }

    /// Whether a connection could be made: a socket nobody listens on refuses it.
    private func hasListener() -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // A full queue is somebody's too.
        return unsafe withAddress { unsafe connect(descriptor, $0, $1) } == 0 || errno != ECONNREFUSED
    }

    /// - Returns: what `body` returns; -1 when the path is too long for an address.
    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return -1
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
