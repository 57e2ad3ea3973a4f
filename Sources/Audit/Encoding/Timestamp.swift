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
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let shape = Array("0000-00-00T00:00:00.000000Z".utf8)
        guard bytes.count == shape.count else { return nil }
        var fields: [Int64] = [0]
        for (byte, expected) in zip(bytes, shape) {
            if expected == UInt8(ascii: "0") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard byte == expected else { return nil }
                fields.append(0)
            }
        }
        let (hour, minute, second) = (fields[3], fields[4], fields[5])
        guard fields[0] >= 1970, (1...12).contains(fields[1]), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
        let value = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + fields[6]
        self.init(microsecondsSinceEpoch: value)
        guard self.text == String(decoding: bytes, as: UTF8.self) else { return nil }  // 30 February
    }

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
        bytes.reserveCapacity(27)
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
