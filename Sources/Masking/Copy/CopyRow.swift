/// Where a delimited copy is within its row, and the masked field that is being read.
struct CopyRow: Sendable {
    /// What stands for NULL, as it is written.
    let null: [UInt8]
    /// No value is written as `null` is. Where one may be, NULL and that value are masked alike: if they
    /// were not, a client could name a value as null string and see which rows have it.
    private let isNullDistinct: Bool
    private let columns: [ColumnMasker?]
    /// Whether the mask of the column depends on its values.
    private let needsValue: [Bool]

    private var column = 0
    private var isHeader: Bool
    /// No byte of the row was seen.
    private(set) var isAtStart = true
    /// The current column has a mask and the row is not the header.
    private(set) var isMasked: Bool

    /// The current masked field as it reads, without quotes and escapes; empty where no mask needs it.
    private var value: [UInt8] = []
    /// Bytes of the field as it is written; whether they are as far those of `null`.
    private var writtenCount = 0
    private var isNullSoFar = true

    init(columns: [ColumnMasker?], null: [UInt8], isNullDistinct: Bool, hasHeader: Bool) {
        self.columns = columns
        self.null = null
        self.isNullDistinct = isNullDistinct
        needsValue = columns.map { $0.map { $0.constant == nil } ?? false }
        isHeader = hasHeader
        isMasked = !hasHeader && columns.first.flatMap { $0 } != nil
    }

    var isOnlyColumn: Bool { columns.count == 1 }

    mutating func noteByte() {
        isAtStart = false
    }

    /// Takes the next bytes of the masked field as they are written.
    mutating func appendWritten(_ bytes: Span<UInt8>) {
        if isNullSoFar {
            isNullSoFar = writtenCount + bytes.count <= null.count
            for index in bytes.indices where isNullSoFar {
                isNullSoFar = null[writtenCount + index] == bytes[index]
            }
        }
        writtenCount += bytes.count
    }

    /// Takes the next bytes of the masked field as they read.
    mutating func appendValue(_ bytes: Span<UInt8>) throws(MaskingError) {
        guard needsValue[column] else { return }
        guard bytes.count <= CopyMasker.maximumFieldLength - value.count else { throw .copyFieldTooLong }
        value.append(copying: bytes)
    }

    mutating func appendValue(_ byte: UInt8) throws(MaskingError) {
        guard needsValue[column] else { return }
        guard value.count < CopyMasker.maximumFieldLength else { throw .copyFieldTooLong }
        value.append(byte)
    }

    /// Ends the masked field: overwrites `mask` with what replaces it, before quotes and escapes.
    /// - Returns: `false` for NULL.
    mutating func endField(into mask: inout [UInt8]) -> Bool {
        mask.removeAll(keepingCapacity: true)
        let isNull = isNullDistinct && isNullSoFar && writtenCount == null.count
        let isValue = !isNull && (columns[column]?.mask(value.span, into: &mask) ?? false)
        value.removeAll(keepingCapacity: true)
        writtenCount = 0
        isNullSoFar = true
        return isValue
    }

    /// Goes to the next field, or past the end of the line to the next row.
    mutating func advance(pastLineEnd: Bool) throws(MaskingError) {
        if pastLineEnd {
            // A row without columns is an empty line.
            guard column == columns.count - 1 || (columns.isEmpty && isAtStart) else {
                throw .columnCountMismatch(expected: columns.count, found: column + 1)
            }
            column = 0
            isHeader = false
            isAtStart = true
        } else {
            guard column + 1 < columns.count else {
                throw .columnCountMismatch(expected: columns.count, found: column + 2)
            }
            column += 1
            isAtStart = false
        }
        isMasked = !isHeader && column < columns.count && columns[column] != nil
    }
}
