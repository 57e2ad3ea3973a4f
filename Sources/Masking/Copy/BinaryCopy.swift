/// The binary format: a header, then rows of counted fields, then a row count of -1 (`COPY`, "Binary
/// Format").
struct BinaryCopy: Sendable {
    private enum Phase {
        case header
        case columnCount
        case fieldLength
        /// Bytes to pass.
        case passing(Int)
        /// Bytes to leave out; the constant mask is written.
        case skipping(Int)
        /// Bytes to collect for the mask.
        case collecting(Int)
        case ended
    }

    /// Signature, no flags, no extension: what servers of version 12 and later write.
    private static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)

    private let columns: [ColumnMasker?]
    private var phase = Phase.header
    private var column = 0
    /// The word that is being read, or the masked field.
    private var pending: [UInt8] = []

    init(columns: [ColumnMasker?]) {
        self.columns = columns
    }

    var isComplete: Bool { if case .ended = phase { true } else { false } }

    mutating func append(_ data: Span<UInt8>, to out: inout [UInt8]) throws(MaskingError) {
        var offset = 0
        while offset < data.count {
            switch phase {
            case .header:
                guard take(Self.header.count, of: data, at: &offset) else { return }
                guard pending == Self.header else { throw .malformedCopyData }
                out += pending
                startRow()
            case .columnCount:
                guard take(2, of: data, at: &offset) else { return }
                out += pending
                try readColumnCount()
            case .fieldLength:
                guard take(4, of: data, at: &offset) else { return }
                try readFieldLength(to: &out)
            case .passing(let remaining):
                let count = min(remaining, data.count - offset)
                out.append(copying: data.extracting(offset..<offset + count))
                offset += count
                finishPart(.passing(remaining - count), remaining: remaining - count)
            case .skipping(let remaining):
                let count = min(remaining, data.count - offset)
                offset += count
                finishPart(.skipping(remaining - count), remaining: remaining - count)
            case .collecting(let length):
                guard take(length, of: data, at: &offset) else { return }
                appendMask(of: pending.span, to: &out)
                startField(column + 1)
            case .ended: throw .malformedCopyData
            }
        }
    }

    /// Moves bytes to `pending` until it has `count`.
    private mutating func take(_ count: Int, of data: Span<UInt8>, at offset: inout Int) -> Bool {
        let end = min(data.count, offset + count - pending.count)
        pending.append(copying: data.extracting(offset..<end))
        offset = end
        return pending.count == count
    }

    private mutating func readColumnCount() throws(MaskingError) {
        let found = Int(Int16(truncatingIfNeeded: pending.span.bigEndianNumber))
        if found == -1 {
            phase = .ended
            return
        }
        guard found == columns.count else {
            throw .columnCountMismatch(expected: columns.count, found: found)
        }
        startField(0)
    }

    private mutating func readFieldLength(to out: inout [UInt8]) throws(MaskingError) {
        let length = Int(Int32(bitPattern: pending.span.bigEndianWord(at: 0)))
        guard length >= -1 else { throw .malformedCopyData }
        guard let masker = columns[column], length >= 0 else {
            out += pending
            finishPart(.passing(length), remaining: max(0, length))
            return
        }
        pending.removeAll(keepingCapacity: true)
        if masker.constant != nil {
            appendMask(of: pending.span, to: &out)
            finishPart(.skipping(length), remaining: length)
        } else {
            guard length <= CopyMasker.maximumFieldLength else { throw .copyFieldTooLong }
            phase = .collecting(length)
            if length == 0 {
                appendMask(of: pending.span, to: &out)
                startField(column + 1)
            }
        }
    }

    private func appendMask(of value: Span<UInt8>, to out: inout [UInt8]) {
        let lengthAt = out.count
        out.append(bigEndian: 0, byteCount: 4)
        let isValue = columns[column]?.mask(value, into: &out) ?? false
        out.overwrite(at: lengthAt, bigEndian: isValue ? UInt32(out.count - lengthAt - 4) : UInt32.max)
    }

    private mutating func finishPart(_ rest: Phase, remaining: Int) {
        if remaining > 0 {
            pending.removeAll(keepingCapacity: true)
            phase = rest
        } else {
            startField(column + 1)
        }
    }

    private mutating func startField(_ next: Int) {
        pending.removeAll(keepingCapacity: true)
        column = next
        phase = column < columns.count ? .fieldLength : .columnCount
    }

    private mutating func startRow() {
        pending.removeAll(keepingCapacity: true)
        phase = .columnCount
    }
}
