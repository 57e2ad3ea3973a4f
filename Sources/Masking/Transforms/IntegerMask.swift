/// Masks `int2`, `int4`, `int8` and `oid` by another number of the type, never below zero.
struct IntegerMask: Sendable {
    enum Change: Sendable {
        /// Other digits than those kept become 0; at most half of them are kept.
        case partial(keepFirst: Int, keepLast: Int)
        /// A keyed number of as many digits, never the number itself.
        case pseudonym(Pseudonyms)
        case ageBand(AgeBand)
    }

    private let change: Change
    private let width: IntegerWidth
    private let isBinary: Bool

    init(_ change: Change, width: IntegerWidth, isBinary: Bool) {
        self.change = change
        self.width = width
        self.isBinary = isBinary
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard let (magnitude, isNegative) = isBinary ? binaryValue(of: cell) : textValue(of: cell) else {
            return false
        }
        let mask: UInt64
        switch change {
        case .partial(let first, let last): mask = partial(magnitude, keepFirst: first, keepLast: last)
        case .pseudonym(let pseudonyms):
            mask = pseudonym(of: magnitude, isNegative: isNegative, by: pseudonyms)
        case .ageBand(let ages):
            guard !isNegative, let band = ages.band(of: magnitude) else { return false }
            mask = band
        }
        if isBinary {
            out.append(bigEndian: mask, byteCount: width.byteCount)
        } else {
            out.append(decimal: mask)
        }
        return true
    }

    private func binaryValue(of cell: Span<UInt8>) -> (magnitude: UInt64, isNegative: Bool)? {
        guard cell.count == width.byteCount else { return nil }
        guard width.isSigned else { return (cell.bigEndianNumber, false) }
        let unused = UInt64(64 - 8 * width.byteCount)
        let value = Int64(bitPattern: cell.bigEndianNumber << unused) >> Int64(unused)
        return (value.magnitude, value < 0)
    }

    private func textValue(of cell: Span<UInt8>) -> (magnitude: UInt64, isNegative: Bool)? {
        let isNegative = width.isSigned && cell.count > 1 && cell[0] == UInt8(ascii: "-")
        guard let magnitude = cell.extracting((isNegative ? 1 : 0)...).decimalNumber else { return nil }
        guard magnitude <= width.maximum + (isNegative ? 1 : 0) else { return nil }
        return (magnitude, isNegative)
    }

    private func partial(_ magnitude: UInt64, keepFirst: Int, keepLast: Int) -> UInt64 {
        let digits = Self.digitCount(of: magnitude)
        let first = max(0, keepFirst)
        let last = max(0, keepLast)
        guard first <= digits / 2, last <= digits / 2 - first else { return 0 }
        let scale = Self.powersOfTen[digits - first]
        return magnitude / scale * scale + magnitude % Self.powersOfTen[last]
    }

    private func pseudonym(of magnitude: UInt64, isNegative: Bool, by pseudonyms: Pseudonyms) -> UInt64 {
        let digits = Self.digitCount(of: magnitude)
        let smallest = digits == 1 ? 0 : Self.powersOfTen[digits - 1]
        let largest = min(Self.powersOfTen[digits] - 1, width.maximum)
        let value = Int64(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
        let mask = smallest + pseudonyms.number(for: value, below: largest - smallest + 1)
        guard mask == magnitude else { return mask }
        return mask == largest ? smallest : mask + 1
    }

    private static func digitCount(of number: UInt64) -> Int {
        var digits = 1
        while digits < 19, number >= powersOfTen[digits] { digits += 1 }
        return digits
    }

    /// 10^0 to 10^19.
    private static let powersOfTen: [UInt64] = (0..<19).reduce(into: [1]) { powers, index in
        powers.append(powers[index] * 10)
    }
}
