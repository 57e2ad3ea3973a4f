import API
import Masking

/// Masks arbitrary bytes, and says what must be so whatever they are.
package enum MaskingExercise: String, CaseIterable, Sendable {
    case cell, row, copy, search

    package struct Violation: Error, CustomStringConvertible {
        package var description: String

        init(_ description: String) { self.description = description }
    }

    /// The first bytes of `input` choose actions, types and options; the others are what is masked.
    package func run(_ input: [UInt8]) throws(Violation) {
        guard input.count >= 4, let keys = try? MaskingKeys(gateway: [UInt8](repeating: 1, count: 32)) else {
            return
        }
        let data = Array(input.dropFirst(4))
        let isBinary = input[0] & 1 == 1
        let columns = input[1..<4].map { choice in
            choice == 0 ? nil : Column(choice: choice, isBinary: isBinary, keys: keys)
        }
        switch self {
        case .cell: for column in columns { try column?.check(data) }
        case .row: try checkRow(data, columns: columns.map { $0?.masker })
        case .copy: try checkCopy(data, options: input[0], columns: columns.map { $0?.masker })
        case .search: try SearchExercise(choice: input[1], isBinary: isBinary, keys: keys).check(data)
        }
    }

    /// A row is rewritten whole, or not at all.
    private func checkRow(_ data: [UInt8], columns: [ColumnMasker?]) throws(Violation) {
        let masker = RowMasker(columns: columns)
        for body in [data, [0, 3] + data] {
            var out: [UInt8] = [7]
            let isRewritten: Bool
            do throws(MaskingError) {
                try masker.appendDataRow(body: body.span, to: &out)
                isRewritten = true
            } catch {
                isRewritten = false
            }
            guard isRewritten else {
                if out != [7] { throw Violation("a refused row left bytes") }
                continue
            }
            let length = out[2..<6].reduce(0) { $0 << 8 | Int($1) }
            guard out[1] == 0x44, out.count == 2 + length else { throw Violation("a wrong length") }
        }
    }

    /// How data is cut does not matter, and what has no masks is not changed.
    private func checkCopy(_ data: [UInt8], options: UInt8, columns: [ColumnMasker?]) throws(Violation) {
        let comma = UInt8(ascii: ",")
        let format: CopyMasker.Format =
            switch options >> 1 & 3 {
            case 0: .text(delimiter: comma, null: Array("\\N".utf8), hasHeader: options & 8 != 0)
            case 1: .csv(delimiter: comma, quote: 0x22, escape: 0x22, null: [], hasHeader: options & 8 != 0)
            case 2:
                .csv(delimiter: comma, quote: 0x27, escape: 0x5c, null: [0x4e], hasHeader: options & 8 != 0)
            default: .binary
            }
        let header = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)
        let input = format == .binary ? header + data : data
        let whole = masked(input, format, columns, chunk: max(1, input.count))
        for chunk in [1, 3] where masked(input, format, columns, chunk: chunk) != whole {
            throw Violation("chunks of \(chunk) give another result")
        }
        let unmasked = masked(input, format, columns.map { _ in nil }, chunk: 5)
        guard unmasked != nil || whole == nil else { throw Violation("masks make the data readable") }
        if let unmasked, unmasked != input { throw Violation("data without masks is changed") }
    }

    /// The masked data; `nil` when it is refused.
    private func masked(
        _ data: [UInt8], _ format: CopyMasker.Format, _ columns: [ColumnMasker?], chunk: Int
    ) -> [UInt8]? {
        var out: [UInt8] = []
        do throws(MaskingError) {
            var masker = try CopyMasker(format: format, columns: columns)
            for start in stride(from: 0, to: data.count, by: chunk) {
                let end = min(start + chunk, data.count)
                try masker.append(data.span.extracting(start..<end), to: &out)
            }
            try masker.finish()
            return out
        } catch {
            return nil
        }
    }

    /// A masked column as one byte chooses it.
    private struct Column {
        let masker: ColumnMasker
        let redactor: ColumnMasker
        /// Bytes of every value of the type in binary; `nil` where values differ in length.
        let width: Int?
        let isBinary: Bool

        private static let actions: [MaskingAction] = [
            .redact, .null, .partial(keepFirst: 1, keepLast: 2, maskCharacter: "•"), .hash(key: nil),
            .tokenize(key: nil), .generalize(.year), .generalize(.zip3), .generalize(.ageBand(width: 10)),
            .dateShift(maximumDays: 400, key: nil), .denyQuery,
        ]

        /// OIDs with the width of their binary values.
        private static let types: [(oid: UInt32, width: Int?)] = [
            (25, nil), (1_043, nil), (1_042, nil), (19, nil), (21, 2), (23, 4), (20, 8), (26, 4), (1_082, 4),
            (1_114, 8), (1_184, 8), (17, nil), (2_950, 16), (114, nil), (3_802, nil), (16, 1),
        ]

        init(choice: UInt8, isBinary: Bool, keys: MaskingKeys) {
            let type = Self.types[Int(choice) % Self.types.count]
            let action = Self.actions[Int(choice) / Self.types.count % Self.actions.count]
            masker = ColumnMasker(
                action: action, type: type.oid, typeModifier: choice & 1 == 0 ? 12 : -1, isBinary: isBinary,
                keys: keys)
            redactor = ColumnMasker(action: .redact, type: type.oid, isBinary: isBinary, keys: keys)
            width = type.width
            self.isBinary = isBinary
        }

        func check(_ cell: [UInt8]) throws(Violation) {
            let mask = Self.mask(cell, by: masker)
            guard mask == Self.mask(cell, by: masker) else { throw Violation("two masks of one value") }
            guard Self.mask(cell, by: redactor) == Self.mask([], by: redactor) else {
                throw Violation("a redaction depends on the value")
            }
            guard let mask else { return }
            if isBinary, let width, mask.count != width { throw Violation("\(mask.count) bytes in \(width)") }
            if !isBinary, String(validating: mask, as: UTF8.self) == nil { throw Violation("no UTF-8") }
        }

        private static func mask(_ cell: [UInt8], by masker: ColumnMasker) -> [UInt8]? {
            var out: [UInt8] = []
            return masker.mask(cell.span, into: &out) ? out : nil
        }
    }
}
