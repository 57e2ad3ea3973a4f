/// A text of lines with delimited cells, whose first line names identifiers (RFC 4180, with other delimiters too).
struct DelimitedTable {
    /// Most columns of a table; ours.
    private static let columnLimit = 256
    /// Longest first line, in bytes; ours.
    private static let headerLimit = 8192

    let delimiter: UInt8
    /// What each column's header says.
    let labels: [Label?]

    /// `nil` where the text has no such header or the second line has not as many cells.
    init?(_ text: [UInt8], count: Int, lexicon: Lexicon) {
        var lineEnd = 0
        while lineEnd < count, text[lineEnd] != UInt8(ascii: "\n") {
            guard lineEnd < Self.headerLimit else { return nil }
            lineEnd += 1
        }
        guard lineEnd < count else { return nil }
        let header = text[0..<lineEnd]
        let delimiters: [UInt8] = [
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
        ]
        guard let delimiter = delimiters.first(where: { header.contains($0) }) else { return nil }
        let cells = header.split(
            separator: delimiter, maxSplits: Self.columnLimit, omittingEmptySubsequences: false)
        // Headers are names, not sentences.
        guard cells.count <= Self.columnLimit, cells.allSatisfy(Self.isHeader) else { return nil }
        let labels = cells.map { lexicon.label(ofKey: $0) }
        guard labels.contains(where: { $0?.kind != nil }) else { return nil }
        self.delimiter = delimiter
        self.labels = labels
        var cellCount = 1
        var cell = lineEnd + 1
        while cell < count {
            cell = endOfCell(text, from: cell, count: count)
            guard cell < count, text[cell] == delimiter else { break }
            cellCount += 1
            cell += 1
        }
        guard cellCount == labels.count else { return nil }
    }

    /// At most four words, and no punctuation of a sentence.
    private static func isHeader(_ cell: ArraySlice<UInt8>) -> Bool {
        cell.count <= 64 && cell.count { $0 == UInt8(ascii: " ") } <= 3
            && !cell.contains(UInt8(ascii: ":")) && !cell.contains(UInt8(ascii: "."))
    }

    /// The end of the cell that starts at `start`; quoted ones may hold delimiters and line ends.
    func endOfCell(_ text: [UInt8], from start: Int, count: Int) -> Int {
        var at = start
        var isQuoted = false
        while at < count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if !isQuoted, byte == delimiter || byte == UInt8(ascii: "\n") {
                break
            }
            at += 1
        }
        return at
    }
}

extension TextScan {
    /// Scans cell by cell: a cell under a telling header is covered whole.
    mutating func run(over table: DelimitedTable) {
        var column = 0
        var isHeader = true
        var start = 0
        while start <= count {
            let end = table.endOfCell(text, from: start, count: count)
            let label = !isHeader && column < table.labels.count ? table.labels[column] : nil
            var inner = start..<end
            if inner.count >= 2, text[start] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "\"") {
                inner = start + 1..<end - 1
            }
            if label.map({ coverValue(inner, under: $0) }) != true, !isHeader {
                index = max(index, start)
                run(to: end)
            }
            guard end < count else { break }
            column = text[end] == table.delimiter ? column + 1 : 0
            if column == 0 { isHeader = false }
            start = end + 1
        }
    }
}
