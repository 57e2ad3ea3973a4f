import Glibc

/// Reads a file's lines one after the other with bounded memory. A zero byte where a line would start ends the
/// records: what follows was allocated but not written.
package struct SegmentReader: ~Copyable {
    package let path: String
    /// Offset in the file of the line that comes next.
    package private(set) var offset: Int
    private let file: ReadableFile
    /// Bytes of the file from `offset` on.
    private var buffer: [UInt8] = []
    private var position = 0
    private let end: Int

    private static let chunkLength = 256 << 10

    package enum Line: Sendable, Equatable {
        /// Without its line feed.
        case whole([UInt8])
        /// The file ends, or its unwritten part starts.
        case end
        /// Neither: bytes without a line feed until the end, or for longer than a record may be.
        case torn
    }

    /// Reads from `offset` to `end`, in bytes.
    package init(path: String, from offset: Int = 0, to end: Int = .max) throws(RecorderError) {
        self.path = path
        self.offset = offset
        self.end = end
        file = try ReadableFile(path: path)
    }

    package mutating func next() throws(RecorderError) -> Line {
        var searched = position
        while true {
            if position < buffer.count, buffer[position] == 0 { return .end }
            if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[position..<feed])
                offset += line.count + 1
                position = feed + 1
                return line.count < Record.maximumLength ? .whole(line) : .torn
            }
            searched = buffer.count - position
            guard searched <= Record.maximumLength else { return .torn }
            guard try fill() else { return position == buffer.count ? .end : .torn }
        }
    }

    /// Appends a chunk to the buffer, which starts at `position` afterwards.
    /// - Returns: whether there was one.
    private mutating func fill() throws(RecorderError) -> Bool {
        buffer.removeFirst(position)
        position = 0
        let start = offset + buffer.count
        return try file.read(min(Self.chunkLength, end - start), at: start, appendingTo: &buffer) > 0
    }

    /// The bytes from `offset` through the last that is not zero.
    static func tail(of path: String, from offset: Int) throws(RecorderError) -> [UInt8] {
        let file = try ReadableFile(path: path)
        var tail: [UInt8] = []
        var chunk: [UInt8] = []
        var position = offset
        while try file.read(chunkLength, at: position, appendingTo: &chunk) > 0 {
            if let last = chunk.lastIndex(where: { $0 != 0 }) {
                tail += repeatElement(0, count: position - offset - tail.count)
                tail += chunk[...last]
            }
            position += chunk.count
            chunk.removeAll(keepingCapacity: true)
        }
        return tail
    }
}
