import Kubernetes
import Testing

struct LineDecoderTests {
    private func lines(of bytes: [UInt8], chunk: Int, limit: Int = 100) throws -> [String] {
        var decoder = LineDecoder(limit: limit)
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.append(Array(bytes[start..<min(start + chunk, bytes.count)]))
            while let line = try decoder.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        return lines
    }

    @Test(arguments: 1...14)
    func `chunk size does not change the lines`(chunk: Int) throws {
        let bytes = Array("first\r\n\n\r\nsé😀cond\n\rthird\r\r\n{\"type\":\"ADDED\"".utf8)
        #expect(try lines(of: bytes, chunk: chunk) == ["first", "sé😀cond", "\rthird\r"])
    }

    @Test(arguments: [1, 3, 100])
    func `a line has a limit, whole or not`(chunk: Int) throws {
        #expect(try lines(of: Array("abcd\r\nabcd\n".utf8), chunk: chunk, limit: 5) == ["abcd", "abcd"])
        for text in ["ab\nabcdef\n", "ab\nabcdef"] {
            #expect(throws: MalformedAnswer.self) { try lines(of: Array(text.utf8), chunk: chunk, limit: 5) }
        }
    }

    @Test func `lines of a megabyte are ordinary`() throws {
        let line = String(repeating: "x", count: 1 << 20)
        #expect(
            try lines(of: Array("\(line)\n\(line)\n".utf8), chunk: 16_384, limit: 2 << 20) == [line, line])
    }
}
