import API

/// Replaces the identifiers within the values of one result column, and leaves the rest of them.
///
/// It fails towards less: a value that cannot be read, or whose rewritten form would not be legal for its type, is
/// redacted whole.
struct IdentifierMasker: Sendable {
    /// Most identifiers replaced in one value; ours. A value with more is redacted whole.
    static let findingLimit = 1 << 16
    /// Most dimensions of an array (`MAXDIM`).
    private static let dimensionLimit = 6

    private let form: ValueForm
    private let scanner: IdentifierScanner
    /// What the column's name says of short values.
    private let context: Label?
    private let transforms: [IdentifierKind: Transform]
    /// Of a binary array's elements.
    private let elements: [ColumnMasker]
    private let tally: DetectionTally?

    /// `nil` where a value of the type is no text that could hold an identifier.
    init?(_ search: IdentifierSearch, type: UInt32, typeModifier: Int32, isBinary: Bool, keys: MaskingKeys) {
        guard let form = ValueForm(oid: type, modifier: typeModifier, isBinary: isBinary) else { return nil }
        self.form = form
        scanner = IdentifierScanner(kinds: search.actions.keys)
        let label = Lexicon.standard.label(ofKey: Array(search.column.utf8))
        context = label == .bareName ? nil : label
        transforms = search.actions.mapValues {
            Transform($0, of: .text(.unlimited), isBinary: false, keys: keys)
        }
        tally = search.tally
        if case .array(let element) = form {
            elements = [
                ColumnMasker(search, type: element, typeModifier: -1, isBinary: true, keys: keys)
            ].compactMap(\.self)
        } else {
            elements = []
        }
    }

    /// Appends the value with its identifiers replaced.
    /// - Returns: `false` when the whole value is to be redacted; what was appended is the caller's to remove.
    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        switch form {
        case .text(let width): return appendText(cell, width, to: &out)
        case .json(let prefix): return appendDocument(cell, prefix: prefix, to: &out)
        case .markup:
            return append(
                cell, replacing: scanner.findings(inPlain: cell, escapes: .xml), in: .markup, to: &out)
        case .structure: return appendStructure(cell, to: &out)
        case .array: return appendArray(cell, to: &out)
        case .unknown:
            let found = scanner.findings(inPlain: cell, escapes: .none)
            out.append(copying: cell)
            for finding in found { tally?.count(finding.kind) }
            return found.isEmpty
        }
    }

    // MARK: - Forms

    private func appendText(_ cell: Span<UInt8>, _ width: TextWidth, to out: inout [UInt8]) -> Bool {
        let text = cell.extracting(..<width.end(of: cell))
        let start = out.count
        switch JSONScan.outcome(of: text, kinds: scanner.kinds, context: context) {
        case .tooDeep: return false
        case .document(let pieces):
            guard append(text, replacing: pieces, to: &out) else { return false }
        case .none:
            let hasEscapes = text.containsCodeUnitEscape
            let found = scanner.findings(inPlain: text, escapes: hasEscapes ? .json : .none, context: context)
            guard append(text, replacing: found, in: hasEscapes ? .json : .plain, to: &out) else {
                return false
            }
        }
        guard let limit = width.limit, out.count - start != text.count else {
            out.append(spaces: cell.count - text.count)
            return true
        }
        let length = out[start...].count { !$0.isContinuation }
        out.append(spaces: width.padding(after: length))
        return length <= limit
    }

    private func appendDocument(_ cell: Span<UInt8>, prefix: [UInt8], to out: inout [UInt8]) -> Bool {
        guard cell.count > prefix.count else { return false }
        for index in prefix.indices where cell[index] != prefix[index] { return false }
        let text = cell.extracting(prefix.count...)
        let outcome = JSONScan.outcome(
            of: text, kinds: scanner.kinds, isScalarAllowed: true, context: context)
        guard case .document(let pieces) = outcome else { return false }
        out += prefix
        return append(text, replacing: pieces, to: &out)
    }

    private func appendStructure(_ cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        // Of a document within an element: its escapes are escaped again.
        guard !cell.containsCodeUnitEscape else { return false }
        let found = scanner.findings(inPlain: cell, escapes: .none)
        for finding in found {
            for index in finding.range {
                switch cell[index] {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                    return false
                case UInt8(ascii: ",") where index + 1 < cell.count && cell[index + 1] != UInt8(ascii: " "):
                    return false
                default: break
                }
            }
        }
        return append(cell, replacing: found, in: .structure, to: &out)
    }

    /// `array_send`: dimensions, flags, element type, sizes, then counted elements.
    private func appendArray(_ cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard cell.count >= 12, let masker = elements.first else { return false }
        let dimensions = Int(cell.bigEndianWord(at: 0))
        guard dimensions <= Self.dimensionLimit, cell.count >= 12 + 8 * dimensions,
            case .array(let element) = form, cell.bigEndianWord(at: 8) == element
        else { return false }
        var offset = 12 + 8 * dimensions
        out.append(copying: cell.extracting(..<offset))
        while offset < cell.count {
            guard cell.count - offset >= 4 else { return false }
            let word = cell.bigEndianWord(at: offset)
            offset += 4
            if word == UInt32.max {
                out.append(bigEndian: UInt64(word), byteCount: 4)
                continue
            }
            guard Int(word) <= cell.count - offset else { return false }
            let lengthAt = out.count
            out.append(bigEndian: 0, byteCount: 4)
            guard masker.mask(cell.extracting(offset..<offset + Int(word)), into: &out) else { return false }
            out.overwrite(at: lengthAt, bigEndian: UInt32(truncatingIfNeeded: out.count - lengthAt - 4))
            offset += Int(word)
        }
        return true
    }

    // MARK: - Pieces

    private func append(
        _ text: Span<UInt8>, replacing found: [Finding], in syntax: PieceSyntax, to out: inout [UInt8]
    ) -> Bool {
        append(
            text, replacing: found.map { JSONScan.Piece(finding: $0, isNumber: false) }, in: syntax, to: &out)
    }

    private func append(
        _ text: Span<UInt8>, replacing pieces: [JSONScan.Piece], in syntax: PieceSyntax = .json,
        to out: inout [UInt8]
    ) -> Bool {
        guard pieces.count <= Self.findingLimit else { return false }
        var copied = 0
        for piece in pieces {
            let range = piece.finding.range
            out.append(copying: text.extracting(copied..<range.lowerBound))
            if piece.isNumber { out.append(UInt8(ascii: "\"")) }
            appendMask(of: syntax.value(of: range, in: text), piece.finding.kind, in: syntax, to: &out)
            if piece.isNumber { out.append(UInt8(ascii: "\"")) }
            copied = range.upperBound
        }
        out.append(copying: text.extracting(copied...))
        return true
    }

    private func appendMask(
        of value: [UInt8], _ kind: IdentifierKind, in syntax: PieceSyntax, to out: inout [UInt8]
    ) {
        tally?.count(kind)
        var mask: [UInt8] = []
        if let transform = transforms[kind], transform.append(maskOf: value.span, to: &mask),
            let written = syntax.written(mask)
        {
            out += written
        } else {
            out += Self.redacted
        }
    }

    private static let redacted = Array("[redacted]".utf8)
}

extension Span<UInt8> {
    /// A backslash, `u` and four hexadecimal digits.
    fileprivate var containsCodeUnitEscape: Bool {
        guard count >= 6 else { return false }
        for index in 0...(count - 6)
        where self[index] == UInt8(ascii: "\\") && self[index + 1] == UInt8(ascii: "u") {
            let isEscape = (2..<6).allSatisfy { self[index + $0].hexadecimalValue != nil }
            if isEscape { return true }
        }
        return false
    }
}
