/// Microseconds since 1970-01-01T00:00:00Z, written as ISO 8601 with exactly six fractional digits and `Z`:
/// `2026-11-23T12:20:31.000001Z`, 27 bytes. Years 1970 to 9999; what lies outside is clamped.
package struct Timestamp: Sendable, Hashable, Comparable {
    package let microsecondsSinceEpoch: Int64

    /// 9999-12-31T23:59:59.999999Z.
    private static let latest: Int64 = 253_402_300_799_999_999

    package init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = min(max(0, microsecondsSinceEpoch), Self.latest)
    }

    /// Reads what ``text`` writes, nothing else.
    package init?(_ text: String) {
        self.init(ascii: Array(text.utf8)[...])
    }

    init?(ascii text: ArraySlice<UInt8>) {
        guard text.count == Self.textLength else { return nil }
        let start = text.startIndex
        for (offset, separator) in Self.separators where text[start + offset] != separator { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for offset in range {
                let digit = Int64(text[start + offset]) - 0x30
                guard (0...9).contains(digit) else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let microsecond = number(20..<26), year >= 1970, (1...12).contains(month), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        guard Self.date(ofDay: days) == (year, month, day) else { return nil }  // 30 February
        self.init(
            microsecondsSinceEpoch: (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
                + microsecond)
    }

    /// In bytes.
    static let textLength = 27

    /// What stands between the numbers, by offset.
    private static let separators: [(Int, UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
        (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")), (26, UInt8(ascii: "Z")),
    ]

    package var text: String {
        var bytes = Self.secondPrefix(microsecondsSinceEpoch / 1_000_000)
        Self.appendMicroseconds(microsecondsSinceEpoch % 1_000_000, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func < (one: Self, other: Self) -> Bool {
        one.microsecondsSinceEpoch < other.microsecondsSinceEpoch
    }

    /// The first 20 bytes, through the decimal point: the same for a whole second.
    static func secondPrefix(_ seconds: Int64) -> [UInt8] {
        let (year, month, day) = date(ofDay: seconds / 86_400)
        let second = seconds % 86_400
        var bytes: [UInt8] = []
        bytes.reserveCapacity(textLength)
        appendDigits(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendDigits(second / 3600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(second / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(second % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        return bytes
    }

    /// The last 7 bytes.
    static func appendMicroseconds(_ value: Int64, to bytes: inout [UInt8]) {
        appendDigits(value, 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func appendDigits(_ value: Int64, _ count: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    // Both count years from March on, so that the leap day comes last, in eras of 400 years (146,097 days).

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468  // days from 0000-03-01 to 1970-01-01
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shiftedYear / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }
}
