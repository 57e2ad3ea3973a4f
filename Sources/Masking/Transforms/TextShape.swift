extension TextWidth {
    /// Where the value of `cell` ends and its padding begins.
    func end(of cell: Span<UInt8>) -> Int {
        guard isPadded else { return cell.count }
        var end = cell.count
        while end > 0, cell[end - 1] == UInt8(ascii: " ") { end -= 1 }
        return end
    }

    /// Spaces that follow a value of `length` ASCII characters.
    func padding(after length: Int) -> Int {
        if case .padded(let count?) = self { count - length } else { 0 }
    }
}

extension Span<UInt8> {
    /// The number of Unicode scalars; `nil` when the bytes are not UTF-8.
    var scalarCount: Int? {
        guard (try? UTF8Span(validating: self)) != nil else { return nil }
        var count = 0
        for index in indices where !self[index].isContinuation { count += 1 }
        return count
    }

    /// The byte at which the scalar of that index begins, in valid UTF-8 that has as many.
    func offset(ofScalar index: Int) -> Int {
        var offset = 0
        for _ in 0..<index {
            offset += 1
            while offset < count, self[offset].isContinuation { offset += 1 }
        }
        return offset
    }

    /// The length of the last scalars of valid UTF-8 that has as many.
    func byteCount(ofLastScalars scalars: Int) -> Int {
        var offset = count
        for _ in 0..<scalars {
            offset -= 1
            while offset > 0, self[offset].isContinuation { offset -= 1 }
        }
        return count - offset
    }
}

extension UInt8 {
    /// A byte of a UTF-8 scalar that is not its first.
    var isContinuation: Bool { self & 0b1100_0000 == 0b1000_0000 }
}

extension [UInt8] {
    /// Appends `count` spaces; none for a negative number.
    mutating func append(spaces count: Int) {
        append(repeating: [UInt8(ascii: " ")], count: count)
    }

    /// Appends `pattern` as often as `count` says; not at all for a negative number.
    mutating func append(repeating pattern: [UInt8], count: Int) {
        guard count > 0 else { return }
        if pattern.count == 1 {
            append(contentsOf: repeatElement(pattern[0], count: count))
        } else {
            for _ in 0..<count { append(contentsOf: pattern) }
        }
    }
}
