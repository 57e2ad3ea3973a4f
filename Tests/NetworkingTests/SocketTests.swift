import Foundation
import Glibc
import NIOCore
import NIOPosix
import Networking
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SocketTests {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let folder: URL

    init() throws {
        folder = URL(filePath: "/tmp/weir-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func listen(_ path: String, _ permissions: UInt32 = 0o777) async throws -> any Channel {
        try await Listener.bind(.unix(path: path), permissions: permissions, on: loop) { _ in }
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `everywhere is everywhere there is`() async throws {
        #expect(Listener.host(for: "::", hasIPv6: false) == "0.0.0.0")
        #expect(Listener.host(for: "::1", hasIPv6: false) == "::1")
        #expect(Listener.host(for: "::", hasIPv6: true) == "::")
        let listener = try await Listener.bind(.tcp(host: "::", port: 0), on: loop) { _ in }
        let port = try #require(listener.localAddress?.port)
        let client = try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: port).get()
        try await client.close()
        try await listener.close()
    }

    @Test func `a port in use is told with its address`() async throws {
        let listener = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in }
        let port = UInt16(try #require(listener.localAddress?.port))
        let refusal = await #expect(throws: SystemRefusal.self) {
            _ = try await Listener.bind(.tcp(host: "127.0.0.1", port: port), on: loop) { _ in }
        }
        #expect(refusal?.description == "127.0.0.1:\(port): address already in use")
        try await listener.close()
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a refused connection is told in the words of the system`(host: String) async throws {
        let listener = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in }
        let port = UInt16(try #require(listener.localAddress?.port))
        try await listener.close()
        let refusal = await #expect(throws: SystemRefusal.self) {
            _ = try await Connector.connect(
                to: .tcp(host: host, port: port), on: loop, timeout: .minutes(1)
            ) { _ in }.get()
        }
        // Of a name there are several addresses, of which some may not be reachable at all.
        #expect(refusal?.description.contains("connection refused") == true)
        #expect(refusal?.description.contains("errno") == false)
    }

    @Test(arguments: [0o777, 0o770, 0o700] as [UInt32])
    func `a socket's file has the permissions asked for, and goes with its listener`(mode: UInt32)
        async throws
    {
        let path = folder.path + "/s"
        let listener = try await listen(path, mode)
        #expect(try permissions(path) == Int(mode))
        try await listener.close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a socket somebody listens on is not taken`() async throws {
        let path = folder.path + "/s"
        let listener = try await listen(path)
        await #expect(throws: NetworkingError.addressInUse(path)) { _ = try await listen(path) }
        let client = try await Connector.connect(to: .unix(path: path), on: loop, timeout: .minutes(1)) { _ in
        }.get()
        try await client.close()
        try await listener.close()
    }

    @Test func `a plain socket takes what fits and no more`() async throws {
        let path = folder.path + "/s"
        let listener = try await Listener.bind(.unix(path: path), permissions: 0o700, on: loop) { channel in
            try channel.syncOptions?.setOption(.autoRead, value: false)
        }
        let client = try await Connector.connect(to: .unix(path: path), on: loop, timeout: .minutes(1)) { _ in
        }.get()
        let sent = try await loop.submit {
            let socket = try #require(PlainSocket(of: client))
            let bytes = [UInt8](repeating: 1, count: 64 << 10)
            var sent = [socket.send([UInt8](repeating: 2, count: 5).span)]
            while sent.last != 0, sent.count < 1000 { sent.append(socket.send(bytes.span)) }
            return sent
        }.get()
        #expect(sent.first == 5)
        #expect(sent.last == 0)
        try await client.close()
        try await listener.close()
    }

    @Test func `a socket that was left behind is replaced`() async throws {
        let path = folder.path + "/s"
        let left = try #require(StaleSocket(path))
        left.close()
        #expect(FileManager.default.fileExists(atPath: path))
        let listener = try await listen(path)
        try await listener.close()
    }

    @Test func `what is no socket is not removed`() async throws {
        let path = folder.path + "/s"
        try Data("precious".utf8).write(to: URL(filePath: path))
        await #expect(throws: NetworkingError.addressInUse(path)) { _ = try await listen(path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func `a listener does not remove the file of the one after it`() async throws {
        let path = folder.path + "/s"
        let first = try await listen(path)
        try FileManager.default.removeItem(atPath: path)
        let second = try await listen(path)
        try await first.close()
        #expect(FileManager.default.fileExists(atPath: path))
        try await second.close()
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:5000", true), ("127.9.9.9", "127.9.9.9:5000", true),
        ("::1", "[::1]:5000", true),
        ("::ffff:127.0.0.1", "127.0.0.1:5000", true), ("::ffff:192.0.2.7", "192.0.2.7:5000", false),
        ("192.0.2.7", "192.0.2.7:5000", false), ("2001:db8::1", "[2001:db8::1]:5000", false),
        ("::127.0.0.1", "[::127.0.0.1]:5000", false),
    ])
    func `a peer's address is told as what it is`(host: String, text: String, isLocal: Bool) throws {
        let peer = PeerAddress(try SocketAddress(ipAddress: host, port: 5000))
        #expect(peer.description == text)
        #expect(peer.isLocal == isLocal)
    }

    @Test func `who comes by a unix socket is local`() throws {
        #expect(PeerAddress(nil).isLocal)
        #expect(PeerAddress(try SocketAddress(unixDomainSocketPath: "/tmp/x")).description == "unix socket")
    }

    @Test func `addresses are looked up, and are their own addresses`() async throws {
        #expect(try await Resolver.addresses(of: "192.0.2.1", on: loop).get() == ["192.0.2.1"])
        #expect(try await Resolver.addresses(of: "2001:db8::1", on: loop).get() == ["2001:db8::1"])
        #expect(try await Resolver.addresses(of: "localhost", on: loop).get().contains("127.0.0.1"))
        #expect(try await Resolver.addresses(of: "nowhere.invalid", on: loop).get() == [])
    }
}

/// A listening socket whose file stays, as that of a killed process does.
private struct StaleSocket {
    private let descriptor: Int32

    init?(_ path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, Glibc.listen(descriptor, 1) == 0 else { return nil }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
