/// Rewrites the data of one `COPY ... TO STDOUT`, however it is cut into messages.
///
/// Columns without a mask pass byte for byte. Memory is bounded by ``maximumFieldLength``: only a field
/// whose mask depends on its value is kept until it is whole. The data must be in UTF-8, or in another
/// encoding that uses ASCII bytes for nothing else (not in SJIS, BIG5, GBK, UHC, GB18030, JOHAB).
package struct CopyMasker: Sendable {
    /// Longest field that is transformed, in bytes; ours. A constant mask takes fields of any length.
    package static let maximumFieldLength = 16 << 20

    /// The options of the statement, with the server's defaults filled in (`COPY`, "File Formats").
    package enum Format: Sendable, Equatable {
        case text(delimiter: UInt8, null: [UInt8], hasHeader: Bool)
        case csv(delimiter: UInt8, quote: UInt8, escape: UInt8, null: [UInt8], hasHeader: Bool)
        case binary
    }

    // One of the three: an optional is changed in place, where an enum's payload would be moved out and back
    // for every message.
    private var text: TextCopy?
    private var csv: CSVCopy?
    private var binary: BinaryCopy?
    /// The data was malformed: nothing that follows can be understood.
    private var hasFailed = false

    /// `columns` has one entry for each column of the data; `nil` passes as it is.
    /// - Throws: ``MaskingError/invalidCopyOptions`` for what the server does not accept, and for a null
    ///   string with a backslash other than `\N` and for line ends as escapes, which it does.
    package init(format: Format, columns: [ColumnMasker?]) throws(MaskingError) {
        switch format {
        case .text(let delimiter, let null, let hasHeader):
            try Self.validate([delimiter], null: null)
            // A backslash before a delimiter would take the rest of the row for one field.
            guard null == Self.defaultNull || !null.contains(UInt8(ascii: "\\")),
                !Self.impossibleDelimiters.contains(delimiter)
            else { throw .invalidCopyOptions }
            let row = CopyRow(
                columns: columns, null: null, isNullDistinct: null == Self.defaultNull, hasHeader: hasHeader)
            text = TextCopy(row: row, delimiter: delimiter)
        case .csv(let delimiter, let quote, let escape, let null, let hasHeader):
            try Self.validate([delimiter, quote], null: null)
            try Self.validate([escape], null: [])
            guard delimiter != quote else { throw .invalidCopyOptions }
            let row = CopyRow(columns: columns, null: null, isNullDistinct: true, hasHeader: hasHeader)
            csv = CSVCopy(row: row, delimiter: delimiter, quote: quote, escape: escape)
        case .binary: binary = BinaryCopy(columns: columns)
        }
    }

    /// Appends the rewritten form of the next bytes; the end of a field may wait for more.
    /// - Throws: what was appended until then is masked; nothing may follow it.
    package mutating func append(_ data: Span<UInt8>, to out: inout [UInt8]) throws(MaskingError) {
        guard !hasFailed else { throw .malformedCopyData }
        // Left so when it throws.
        hasFailed = true
        try text?.append(data, to: &out)
        try csv?.append(data, to: &out)
        try binary?.append(data, to: &out)
        hasFailed = false
    }

    /// Says that the data is over (`CopyDone`).
    /// - Throws: ``MaskingError/malformedCopyData`` in the middle of a row.
    package func finish() throws(MaskingError) {
        let isComplete = text?.isComplete ?? csv?.isComplete ?? binary?.isComplete ?? false
        guard !hasFailed, isComplete else { throw .malformedCopyData }
    }

    /// What stands for NULL in text, and for nothing else: a backslash in a value is doubled.
    private static let defaultNull = Array("\\N".utf8)

    /// Bytes that follow a backslash in the text format, and so cannot be delimiters.
    private static let impossibleDelimiters = Array("\\.abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Special bytes are neither line ends nor part of the null string.
    private static func validate(_ special: [UInt8], null: [UInt8]) throws(MaskingError) {
        let lineEnds: [UInt8] = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        guard special.allSatisfy({ !lineEnds.contains($0) && !null.contains($0) }),
            null.allSatisfy({ !lineEnds.contains($0) })
        else { throw .invalidCopyOptions }
    }
}
