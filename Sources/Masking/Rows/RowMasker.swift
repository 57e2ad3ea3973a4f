/// Rewrites the `DataRow` messages of one result.
///
/// Columns without a mask are copied in runs; a constant mask costs a copy of its bytes. Nothing is
/// allocated for a row or a cell but what `out` grows by. One object, for it is looked up for each row.
package final class RowMasker: Sendable {
    /// A masked column, in the order of the row.
    private struct Step {
        var column: Int
        /// Index into `maskers`; `nil`: the replacement is always `constants[constant]`.
        var masker: Int?
        /// With its length word; ignored when there is a masker.
        var constant: Range<Int>
    }

    private let columnCount: Int
    private let steps: [Step]
    private let maskers: [ColumnMasker]
    private let constants: [UInt8]

    /// - Parameter columns: one entry for each column of the `RowDescription`; `nil` is copied as it is.
    package init(columns: [ColumnMasker?]) {
        var steps: [Step] = []
        var maskers: [ColumnMasker] = []
        var constants: [UInt8] = []
        for (column, masker) in columns.enumerated() {
            guard let masker else { continue }
            if let constant = masker.constant {
                let start = constants.count
                constants.append(bigEndian: constant.map { UInt64($0.count) } ?? Self.null, byteCount: 4)
                constants += constant ?? []
                steps.append(Step(column: column, masker: nil, constant: start..<constants.count))
            } else {
                steps.append(Step(column: column, masker: maskers.count, constant: 0..<0))
                maskers.append(masker)
            }
        }
        columnCount = columns.count
        self.steps = steps
        self.maskers = maskers
        self.constants = constants
    }

    /// Appends the whole rewritten message: type byte, length, body. A NULL stays NULL.
    ///
    /// `body` is that of one `DataRow`: the number of columns, then a length and bytes for each.
    /// - Throws: with `out` as it was.
    package func appendDataRow(body: Span<UInt8>, to out: inout [UInt8]) throws(MaskingError) {
        let start = out.count
        do throws(MaskingError) {
            out.append(UInt8(ascii: "D"))
            out.append(bigEndian: 0, byteCount: 4)
            try appendBody(body, to: &out)
            // The length counts itself but not the type byte.
            let length = out.count - start - 1
            guard length <= Int(Int32.max) else { throw .rowTooLong(byteCount: length) }
            out.overwrite(at: start + 1, bigEndian: UInt32(length))
        } catch {
            out.removeSubrange(start...)
            throw error
        }
    }

    private func appendBody(_ body: Span<UInt8>, to out: inout [UInt8]) throws(MaskingError) {
        guard body.count >= 2 else { throw .malformedRow }
        let found = Int(body[0]) << 8 | Int(body[1])
        guard found == columnCount else { throw .columnCountMismatch(expected: columnCount, found: found) }
        var cursor = 2
        // What begins here and ends before the next masked cell is copied at once.
        var runStart = 0
        var column = 0
        for index in steps.indices {
            let step = steps[index]
            while column < step.column {
                cursor = try Self.end(ofCellAt: cursor, in: body)
                column += 1
            }
            let end = try Self.end(ofCellAt: cursor, in: body)
            column += 1
            if Self.isNull(at: cursor, in: body) {
                cursor = end
                continue
            }
            out.append(copying: body.extracting(runStart..<cursor))
            if let masker = step.masker {
                appendMask(of: body.extracting((cursor + 4)..<end), by: maskers[masker], to: &out)
            } else {
                let constants = constants
                out.append(copying: constants.span.extracting(step.constant))
            }
            runStart = end
            cursor = end
        }
        while column < columnCount {
            cursor = try Self.end(ofCellAt: cursor, in: body)
            column += 1
        }
        guard cursor == body.count else { throw .malformedRow }
        out.append(copying: body.extracting(runStart...))
    }

    private func appendMask(of cell: Span<UInt8>, by masker: ColumnMasker, to out: inout [UInt8]) {
        let lengthAt = out.count
        out.append(bigEndian: 0, byteCount: 4)
        let isValue = masker.mask(cell, into: &out)
        // A length beyond Int32 makes the row too long, which is found at its end.
        let length = isValue ? UInt32(truncatingIfNeeded: out.count - lengthAt - 4) : UInt32.max
        out.overwrite(at: lengthAt, bigEndian: length)
    }

    /// The offset after the cell whose length word is at `offset`.
    private static func end(ofCellAt offset: Int, in body: Span<UInt8>) throws(MaskingError) -> Int {
        guard body.count - offset >= 4 else { throw .malformedRow }
        let length = Int(Int32(bitPattern: body.bigEndianWord(at: offset)))
        guard length >= -1, length <= body.count - offset - 4 else { throw .malformedRow }
        return offset + 4 + max(0, length)
    }

    private static func isNull(at offset: Int, in body: Span<UInt8>) -> Bool {
        body.bigEndianWord(at: offset) == UInt32.max
    }

    /// The length word of NULL.
    private static let null: UInt64 = 0xffff_ffff
}
