import Testing

@testable import WireProtocols

struct StartupPacketTests {
    private let startup = StartupMessage(
        version: .newest,
        parameters: [
            .init("user", "alice"), .init("options", "-c geqo=off"), .init("options", ""),
            .init("_pq_.compression", "zstd"),
        ])

    private var packet: [UInt8] {
        var output: [UInt8] = []
        startup.write(to: &output)
        return output
    }

    @Test
    func `StartupMessage keeps parameters in order and repeated`() throws {
        #expect(try StartupPacket(packet.span) == .startup(startup))
        #expect(startup.value(of: "user") == Array("alice".utf8))
        #expect(startup.value(of: "options") == [])
        #expect(startup.value(of: "database") == nil)
    }

    /// The packet with its length made to fit.
    private func resized(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var packet = Array(bytes)
        packet.patchInt32(Int32(packet.count), at: 0)
        return packet
    }

    @Test
    func `a StartupMessage of any other length is malformed`() {
        for length in 8..<packet.count {
            #expect(throws: WireError.self) { _ = try StartupPacket(resized(packet.prefix(length)).span) }
        }
        #expect(throws: WireError.trailingBytes(1)) { _ = try StartupPacket(resized(packet + [0]).span) }
    }

    @Test
    func `a packet is as long as it says`() {
        #expect(throws: WireError.lengthOutOfRange(packet.count, allowed: StartupPacket.lengths)) {
            _ = try StartupPacket((packet + [0]).span)
        }
    }

    @Test(arguments: [(-1, false), (0, false), (7, false), (8, true), (10_004, true), (10_005, false)])
    func `a first packet has 8 to 10,004 bytes`(length: Int, isAllowed: Bool) throws {
        var bytes: [UInt8] = []
        bytes.appendInt32(Int32(length))
        if isAllowed {
            #expect(try StartupPacket.length(in: bytes.span, at: 0) == length)
        } else {
            #expect(throws: WireError.self) { _ = try StartupPacket.length(in: bytes.span, at: 0) }
        }
        #expect(try StartupPacket.length(in: bytes.span.extracting(0..<3), at: 0) == nil)
    }

    @Test
    func `SSLRequest and GSSENCRequest are a code alone`() throws {
        var ssl: [UInt8] = []
        StartupPacket.writeSSLRequest(to: &ssl)
        #expect(ssl == [0, 0, 0, 8, 4, 210, 22, 47])
        #expect(try StartupPacket(ssl.span) == .sslRequest)
        let gss: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 48]
        #expect(try StartupPacket(gss.span) == .gssEncryptionRequest)
        #expect(throws: WireError.trailingBytes(1)) { _ = try StartupPacket(resized(ssl + [0]).span) }
        #expect(throws: WireError.trailingBytes(1)) {
            _ = try StartupPacket([0, 0, 0, 9, 4, 210, 22, 48, 0].span)
        }
    }

    @Test(arguments: [(0, false), (3, false), (4, true), (256, true), (257, false)])
    func `CancelRequest's key has 4 to 256 bytes`(length: Int, isAllowed: Bool) throws {
        let request = CancelRequest(processID: -5, secretKey: [UInt8](repeating: 9, count: length))
        var output: [UInt8] = []
        request.write(to: &output)
        if isAllowed {
            #expect(try StartupPacket(output.span) == .cancel(request))
        } else {
            #expect(throws: WireError.valueOutOfRange(length)) { _ = try StartupPacket(output.span) }
        }
    }

    @Test(arguments: [(2, 0), (4, 0), (0, 0), (1234, 5677), (1234, 5681)] as [(UInt16, UInt16)])
    func `another major version is refused`(major: UInt16, minor: UInt16) {
        var output: [UInt8] = []
        StartupMessage(version: ProtocolVersion(major: major, minor: minor), parameters: []).write(
            to: &output)
        #expect(throws: WireError.unsupportedProtocol(major: major, minor: minor)) {
            _ = try StartupPacket(output.span)
        }
    }

    @Test
    func `a TLS handshake is told by its first byte`() {
        #expect(StartupPacket.isTLSClientHello(firstByte: 0x16))
        #expect(!StartupPacket.isTLSClientHello(firstByte: 0))
    }
}
