import Audit

/// Reads the lines of a file of any size.
struct LineReader: ~Copyable {
    private let path: String
    private let file: ReadableFile
    private let maximumLength: Int
    private var offset = 0
    private var buffer: [UInt8] = []
    private var position = 0

    private static let chunkLength = 256 << 10

    init(path: String, maximumLength: Int) throws {
        self.path = path
        self.maximumLength = maximumLength
        file = try ReadableFile(path: path)
    }

    /// The next line without its line feed; `nil` at the end.
    mutating func next() throws -> [UInt8]? {
        var searched = position
        while true {
            if let feed = buffer[searched...].firstIndex(of: 0x0a) {
                defer { position = feed + 1 }
                return Array(buffer[position..<feed])
            }
            searched = buffer.count - position
            buffer.removeFirst(position)
            position = 0
            guard searched <= maximumLength else {
                throw EvidenceFault.unreadable(path, reason: "a line is longer than \(maximumLength) bytes")
            }
            let count = try file.read(Self.chunkLength, at: offset, appendingTo: &buffer)
            offset += count
            if count == 0 {
                guard !buffer.isEmpty else { return nil }
                defer { buffer = [] }
                return buffer
            }
        }
    }

    /// The first bytes of a file.
    static func start(of path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try ReadableFile(path: path).read(16, at: 0, appendingTo: &bytes)
        return bytes
    }
}
