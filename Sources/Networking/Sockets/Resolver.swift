import Glibc
package import NIOCore
import NIOPosix

/// Finds the addresses of hosts.
package enum Resolver {
    /// All addresses of a host, in the order the system prefers (RFC 6724); its name is asked for on another thread.
    /// - Returns: IPv4 and IPv6 addresses as text, of link-local ones with their interface; empty when there is none.
    package static func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[String]> {
        if (try? SocketAddress(ipAddress: host, port: 0)) != nil { return loop.makeSucceededFuture([host]) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) { lookUp(host) }
    }

    private static func lookUp(_ host: String) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [String] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let text = unsafe text(of: entry.pointee), !addresses.contains(text) { addresses.append(text) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    private static func text(of entry: addrinfo) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = unsafe getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
