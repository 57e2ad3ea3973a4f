/// Cuts a stream of bytes into lines, however it is chunked.
///
/// A line ends with `\n` or `\r\n`; empty ones are passed over. What follows the last of them is no line: a
/// connection that broke within one has told nothing of it.
package struct LineDecoder: Sendable {
    /// Longest line, in bytes. The API server's objects have up to 1.5 MB in its store and more as JSON.
    package static let maximumLength = 16 << 20

    private var buffer: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// From where on no end of line was looked for yet.
    private var searched = 0
    private let limit: Int

    package init(limit: Int = maximumLength) {
        self.limit = limit
    }

    package mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        buffer += bytes
    }

    /// The next whole line without its end; `nil` until more bytes arrive.
    /// - Throws: when a line is longer than the limit, whole or not.
    package mutating func next() throws(MalformedAnswer) -> [UInt8]? {
        while true {
            guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
                searched = buffer.count
                try checkLength(to: searched)
                return nil
            }
            let hasReturn = end > start && buffer[end - 1] == UInt8(ascii: "\r")
            let line = buffer[start..<(hasReturn ? end - 1 : end)]
            try checkLength(to: line.endIndex)
            start = end + 1
            searched = start
            if !line.isEmpty { return Array(line) }
        }
    }

    private func checkLength(to end: Int) throws(MalformedAnswer) {
        if end - start > limit { throw MalformedAnswer("a line of more than \(limit) bytes") }
    }
}
