/// Puts lines together from pieces of any size.
package struct LineDecoder {
    /// Longest line, in bytes without its end.
    private let limit: Int
    private var pending: [UInt8] = []

    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes a piece and returns the lines that it ends, without `\n` and a `\r` before it; empty ones are left out.
    /// - Returns: `nil` once a line is longer than the limit; there is no way on from there.
    package mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            var line = pending + rest[..<end]
            pending.removeAll()
            rest = rest[(end + 1)...]
            if line.last == 0x0D { line.removeLast() }
            guard line.count <= limit else { return nil }
            if !line.isEmpty { lines.append(line) }
        }
        pending += rest
        // One more for the `\r`.
        return pending.count <= limit + 1 ? lines : nil
    }
}
