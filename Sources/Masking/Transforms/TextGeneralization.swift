import API

/// Tells less of a text that is a date, a postal code or an age, and nothing of any other text.
struct TextGeneralization: Sendable {
    private let generalization: MaskingAction.Generalization
    private let width: TextWidth

    init(_ generalization: MaskingAction.Generalization, width: TextWidth) {
        self.generalization = generalization
        self.width = width
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        let text = cell.extracting(..<width.end(of: cell))
        let start = out.count
        let isApplied =
            switch generalization {
            case .year: Self.append(yearOf: text, to: &out)
            case .zip3: Self.append(areaOf: text, to: &out)
            case .ageBand(let years): Self.append(bandOf: text, years: years, to: &out)
            }
        guard isApplied else { return false }
        out.append(spaces: width.padding(after: out.count - start))
        return true
    }

    /// The year of an ISO timestamp, of a date in numbers (`31.12.1999`, `12/31/1999`) or by itself.
    private static func append(yearOf text: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        if let timestamp = ISOTimestamp(text) {
            out.append(decimal: UInt64(timestamp.date.year), width: 4)
            return true
        }
        // Nothing but a date has this shape and such a year: the digits of other identifiers do not show.
        var parts: [(start: Int, count: Int)] = [(0, 0)]
        var separator: UInt8?
        guard text.count <= 10 else { return false }
        for index in text.indices {
            let byte = text[index]
            if byte.isDigit {
                parts[parts.count - 1].count += 1
            } else {
                guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-"),
                    separator == nil || separator == byte
                else { return false }
                separator = byte
                parts.append((index + 1, 0))
            }
        }
        guard parts.count == 1 || parts.count == 3, let last = parts.last else { return false }
        let year = parts[0].count == 4 ? parts[0] : last
        guard year.count == 4, parts.count(where: { $0.count == 4 }) == 1,
            parts.allSatisfy({ $0.count == 4 || (1...2).contains($0.count) })
        else { return false }
        let digits = text.extracting(year.start..<year.start + 4)
        guard let number = digits.decimalNumber, (1_800...2_199).contains(number) else { return false }
        out.append(copying: digits)
        return true
    }

    /// The first three digits of a ZIP code of five or, with a hyphen, nine digits.
    private static func append(areaOf text: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard text.count == 5 || text.count == 10, text.extracting(..<5).decimalNumber != nil else {
            return false
        }
        if text.count == 10 {
            guard text[5] == UInt8(ascii: "-"), text.extracting(6...).decimalNumber != nil else {
                return false
            }
        }
        guard let area = text.extracting(..<3).decimalNumber else { return false }
        out.append(decimal: sparseAreas.contains(area) ? 0 : area, width: 3)
        return true
    }

    private static func append(bandOf text: Span<UInt8>, years: Int, to out: inout [UInt8]) -> Bool {
        guard let age = text.decimalNumber, let band = AgeBand(width: years).band(of: age) else {
            return false
        }
        out.append(decimal: band)
        return true
    }

    /// Areas of at most 20,000 people, to be told as 000 (45 CFR 164.514(b)(2)(i)(B)): those of the 2000
    /// census as listed by the HHS Office for Civil Rights, "Guidance Regarding Methods for
    /// De-identification of Protected Health Information", 26 November 2012.
    private static let sparseAreas: Set<UInt64> = [
        036, 059, 063, 102, 203, 556, 692, 790, 821, 823, 830, 831, 878, 879, 884, 890, 893,
    ]
}
