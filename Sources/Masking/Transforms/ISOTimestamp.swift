/// A date and time as PostgreSQL writes them with `DateStyle = ISO` (its default), or as ISO 8601 does.
///
/// Other styles put day and month in an order the text does not tell; they do not parse.
struct ISOTimestamp {
    var date: CalendarDate
    /// Of the day; 0 when the text has no time.
    var microseconds: Int64 = 0
    /// East of UTC; `nil` when the text names no zone.
    var offsetSeconds: Int64?
    /// The text is a date and nothing else.
    var isDateOnly = false

    /// Parses `YYYY-MM-DD[(T| )HH:MM:SS[.f...][Z|(+|-)HH[[:]MM[:SS]]]]`; all of it or `nil`.
    init?(_ text: Span<UInt8>) {
        guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = text.number(at: 0, digits: 4), let month = text.number(at: 5, digits: 2),
            let day = text.number(at: 8, digits: 2),
            let date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        self.date = date
        if text.count == 10 {
            isDateOnly = true
            return
        }
        guard text.count >= 19, text[10] == UInt8(ascii: " ") || text[10] == UInt8(ascii: "T"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = text.number(at: 11, digits: 2, below: 24),
            let minute = text.number(at: 14, digits: 2, below: 60),
            let second = text.number(at: 17, digits: 2, below: 60)
        else { return nil }
        microseconds = ((hour * 60 + minute) * 60 + second) * 1_000_000
        var offset = 19
        guard parseFraction(of: text, at: &offset), parseZone(of: text, at: &offset) else { return nil }
        guard offset == text.count else { return nil }
    }

    /// Microseconds from 2000-01-01 00:00, in UTC if the text names a zone.
    var instant: Int64 {
        date.dayNumber * Self.microsecondsPerDay + microseconds - (offsetSeconds ?? 0) * 1_000_000
    }

    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// One to nine digits after a point; those below a microsecond are dropped.
    private mutating func parseFraction(of text: Span<UInt8>, at offset: inout Int) -> Bool {
        guard offset < text.count, text[offset] == UInt8(ascii: ".") else { return true }
        offset += 1
        let start = offset
        var unit: Int64 = 100_000
        while offset < text.count, text[offset].isDigit {
            microseconds += Int64(text[offset] - UInt8(ascii: "0")) * unit
            unit /= 10
            offset += 1
        }
        return (1...9).contains(offset - start)
    }

    private mutating func parseZone(of text: Span<UInt8>, at offset: inout Int) -> Bool {
        guard offset < text.count else { return true }
        let sign = text[offset]
        offset += 1
        if sign == UInt8(ascii: "Z") {
            offsetSeconds = 0
            return true
        }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let hours = text.number(at: offset, digits: 2, below: 16)
        else { return false }
        offset += 2
        var seconds = hours * 3_600
        // Minutes, then seconds; the colon before the minutes may be missing.
        for unit: Int64 in [60, 1] where offset < text.count {
            if text[offset] == UInt8(ascii: ":") { offset += 1 }
            guard let part = text.number(at: offset, digits: 2, below: 60) else { return false }
            offset += 2
            seconds += part * unit
        }
        offsetSeconds = sign == UInt8(ascii: "-") ? -seconds : seconds
        return true
    }
}

extension Span<UInt8> {
    /// The decimal number of exactly `digits` digits at `offset`; `nil` if they are not there or too large.
    fileprivate func number(at offset: Int, digits: Int, below bound: UInt64 = .max) -> Int64? {
        guard offset + digits <= count else { return nil }
        guard let number = extracting(offset..<offset + digits).decimalNumber, number < bound else {
            return nil
        }
        return Int64(number)
    }
}
