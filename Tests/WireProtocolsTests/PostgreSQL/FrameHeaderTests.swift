import Testing

@testable import WireProtocols

struct FrameHeaderTests {
    private static func header(_ type: UInt8, length: Int32) -> [UInt8] {
        var bytes = [type]
        bytes.appendInt32(length)
        return bytes
    }

    @Test(arguments: [1, 2, 3, 5, 12, 64, 4096])
    func `chunk size does not change the frames`(chunk: Int) throws {
        let wire = Recording.session.server
        var types: [BackendMessageType] = []
        var bodies: [[UInt8]] = []
        var unread: [UInt8] = []
        for start in stride(from: 0, to: wire.count, by: chunk) {
            unread += wire[start..<min(start + chunk, wire.count)]
            var offset = 0
            while let frame = try BackendHeader.nextWhole(in: unread.span, at: offset) {
                types.append(frame.type)
                bodies.append(Array(unread[frame.body(at: offset)]))
                offset += frame.frameLength
            }
            unread.removeFirst(offset)
        }
        #expect(unread.isEmpty)
        #expect(types.count == 57)
        #expect(types.filter { $0 == .readyForQuery }.count == 13)
        #expect(bodies.reduce(0) { $0 + $1.count } == wire.count - 5 * types.count)
    }

    @Test
    func `a header is known as soon as its five bytes are`() throws {
        let bytes = Self.header(BackendMessageType.dataRow.rawValue, length: 1_000_004)
        #expect(try BackendHeader.next(in: bytes.span.extracting(0..<4), at: 0) == nil)
        #expect(try BackendHeader.next(in: bytes.span, at: 1) == nil)
        #expect(
            try BackendHeader.next(in: bytes.span, at: 0)
                == BackendHeader(type: .dataRow, bodyLength: 1_000_000))
        #expect(try BackendHeader.nextWhole(in: bytes.span, at: 0) == nil)
    }

    @Test(arguments: [Int32.min, -1, 0, 3])
    func `a length that does not count itself is refused`(length: Int32) {
        #expect(throws: WireError.lengthOutOfRange(Int(length) - 4, allowed: 0...10_000)) {
            let bytes = Self.header(FrontendMessageType.sync.rawValue, length: length)
            _ = try FrontendHeader.next(in: bytes.span, at: 0)
        }
    }

    @Test(arguments: [0, 0x20, 0x7f, 0xff, UInt8(ascii: "Z"), UInt8(ascii: "T")])
    func `a type no client sends is refused`(type: UInt8) {
        #expect(throws: WireError.unknownMessageType(type)) {
            let bytes = Self.header(type, length: 4)
            _ = try FrontendHeader.next(in: bytes.span, at: 0)
        }
    }

    @Test(arguments: [0, 0x20, 0x7f, 0xff, UInt8(ascii: "Q"), UInt8(ascii: "p")])
    func `a type no server sends is refused`(type: UInt8) {
        #expect(throws: WireError.unknownMessageType(type)) {
            let bytes = Self.header(type, length: 4)
            _ = try BackendHeader.next(in: bytes.span, at: 0)
        }
    }

    private static func limits<Type: MessageType>(of types: [Type]) throws {
        for type in types {
            let limit = type.maximumBodyLength
            #expect(limit >= MessageLimit.small)
            let longest = header(type.rawValue, length: Int32(limit + 4))
            #expect(try FrameHeader<Type>.next(in: longest.span, at: 0)?.bodyLength == limit)
            #expect(throws: WireError.lengthOutOfRange(limit + 1, allowed: 0...limit)) {
                let longer = header(type.rawValue, length: Int32(limit + 5))
                _ = try FrameHeader<Type>.next(in: longer.span, at: 0)
            }
        }
    }

    @Test
    func `every type's limit is met from both sides`() throws {
        let frontend = (0...UInt8.max).compactMap(FrontendMessageType.init(rawValue:))
        let backend = (0...UInt8.max).compactMap(BackendMessageType.init(rawValue:))
        #expect(frontend.count == 14)
        #expect(backend.count == 24)
        try Self.limits(of: frontend)
        try Self.limits(of: backend)
    }

    @Test
    func `only bodies that can be passed on in pieces may exceed what is held`() {
        for type in (0...UInt8.max).compactMap(FrontendMessageType.init(rawValue:)) {
            #expect(type.isStreamable == (type.maximumBodyLength > MessageLimit.held))
        }
        for type in (0...UInt8.max).compactMap(BackendMessageType.init(rawValue:)) {
            #expect(type.isStreamable == (type.maximumBodyLength > MessageLimit.held))
        }
    }
}
