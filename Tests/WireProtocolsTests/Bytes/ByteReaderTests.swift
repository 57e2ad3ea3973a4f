import Testing

@testable import WireProtocols

struct ByteReaderTests {
    @Test
    func `fields are read in network byte order`() throws {
        let bytes: [UInt8] = [0x01, 0x02, 0x03, 0xff, 0xfe, 0x80, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]
        var reader = ByteReader(bytes.span)
        #expect(try reader.readUInt8() == 1)
        #expect(try reader.readUInt16() == 0x0203)
        #expect(try reader.readInt16() == -2)
        #expect(try reader.readInt32() == Int32.min + 1)
        #expect(reader.remaining == 4)
        #expect(try reader.readUInt32() == UInt32.max)
        try reader.finish()
    }

    @Test
    func `nothing is read past the end`() {
        let bytes: [UInt8] = [1, 2, 3]
        #expect(throws: WireError.truncated) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readInt32()
        }
        #expect(throws: WireError.truncated) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readBytes(4)
        }
        #expect(throws: WireError.truncated) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readBytes(-1)
        }
        #expect(throws: WireError.truncated) {
            var reader = ByteReader([UInt8]().span)
            _ = try reader.readUInt8()
        }
        #expect(throws: WireError.truncated) {
            var reader = ByteReader(bytes.span)
            _ = try reader.readUInt16()
            _ = try reader.readUInt16()
        }
    }

    @Test
    func `a string ends at its NUL and must have one`() throws {
        let bytes: [UInt8] = [0x61, 0x62, 0, 0, 0x63]
        var reader = ByteReader(bytes.span)
        #expect(try reader.readCString() == 0..<2)
        #expect(try reader.readCString() == 3..<3)
        let rest = reader.readRest()
        #expect(rest == 4..<5)
        #expect(throws: WireError.unterminatedString) {
            var reader = ByteReader(bytes.span.extracting(4..<5))
            _ = try reader.readCString()
        }
    }

    @Test
    func `a value's length is -1 for NULL and otherwise within the body`() throws {
        var bytes: [UInt8] = []
        bytes.appendValue([UInt8]?.none)
        bytes.appendValue([7, 8])
        bytes.appendInt32(3)
        bytes += [1, 2]
        var reader = ByteReader(bytes.span)
        #expect(try reader.readValue() == nil)
        #expect(try reader.readValue() == 8..<10)
        #expect(reader.offset == 10)
        #expect(throws: WireError.truncated) {
            var reader = ByteReader(bytes.span.extracting(10..<16))
            _ = try reader.readValue()
        }
        #expect(throws: WireError.valueOutOfRange(-2)) {
            let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xfe]
            var reader = ByteReader(bytes.span)
            _ = try reader.readValue()
        }
    }

    @Test
    func `bytes left over are an error`() {
        #expect(throws: WireError.trailingBytes(2)) {
            let bytes: [UInt8] = [1, 2, 3]
            var reader = ByteReader(bytes.span)
            _ = try reader.readUInt8()
            try reader.finish()
        }
    }

    @Test
    func `a NUL within a string cannot cut it short`() {
        var output: [UInt8] = []
        output.appendCString([0x61, 0, 0x62])
        #expect(output == [0x61, 0x3f, 0x62, 0])
    }

    @Test
    func `spans are copied in part`() {
        let source: [UInt8] = [1, 2, 3, 4, 5]
        var output: [UInt8] = [0]
        output.append(source.span, 1..<4)
        #expect(output == [0, 2, 3, 4])
        #expect(source.span.copy(2..<2).isEmpty)
    }
}
