/// Masks `date`, `timestamp` and `timestamptz`; infinities and years outside 1 to 9999 are redacted.
///
/// A `timestamptz` counts in UTC: its day and its year are those of UTC, in text as in binary, and its
/// text mask names the zone `+00`.
struct MomentMask: Sendable {
    enum Change: Sendable {
        case startOfYear
        /// The time of day stays.
        case shift(DayShift)
    }

    private let change: Change
    private let moment: Moment
    private let isBinary: Bool

    init(_ change: Change, of moment: Moment, isBinary: Bool) {
        self.change = change
        self.moment = moment
        self.isBinary = isBinary
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard let value = isBinary ? binaryValue(of: cell) : textValue(of: cell) else { return false }
        let unit = moment == .date ? 1 : ISOTimestamp.microsecondsPerDay
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        let dayNumber = remainder < 0 ? quotient - 1 : quotient
        let timeOfDay = remainder < 0 ? remainder + unit : remainder
        guard let date = CalendarDate(dayNumber: dayNumber) else { return false }
        switch change {
        case .startOfYear:
            guard let start = CalendarDate(year: date.year, month: 1, day: 1) else { return false }
            append(start, timeOfDay: 0, to: &out)
        case .shift(let shift):
            guard let moved = CalendarDate(dayNumber: shift.day(after: dayNumber)) else { return false }
            append(moved, timeOfDay: timeOfDay, to: &out)
        }
        return true
    }

    private func binaryValue(of cell: Span<UInt8>) -> Int64? {
        if moment == .date {
            guard cell.count == 4 else { return nil }
            return Int64(Int32(truncatingIfNeeded: cell.bigEndianNumber))
        }
        guard cell.count == 8 else { return nil }
        return Int64(bitPattern: cell.bigEndianNumber)
    }

    private func textValue(of cell: Span<UInt8>) -> Int64? {
        guard let timestamp = ISOTimestamp(cell) else { return nil }
        switch moment {
        case .date: return timestamp.isDateOnly ? timestamp.date.dayNumber : nil
        case .timestamp:
            return timestamp.isDateOnly || timestamp.offsetSeconds != nil ? nil : timestamp.instant
        case .timestampWithTimeZone: return timestamp.offsetSeconds == nil ? nil : timestamp.instant
        }
    }

    private func append(_ date: CalendarDate, timeOfDay: Int64, to out: inout [UInt8]) {
        switch (moment, isBinary) {
        case (.date, true): out.append(bigEndian: UInt64(bitPattern: date.dayNumber), byteCount: 4)
        case (.date, false): date.append(to: &out)
        case (.timestamp, true), (.timestampWithTimeZone, true):
            let instant = date.dayNumber * ISOTimestamp.microsecondsPerDay + timeOfDay
            out.append(bigEndian: UInt64(bitPattern: instant), byteCount: 8)
        case (.timestamp, false), (.timestampWithTimeZone, false):
            date.append(to: &out)
            append(timeOfDay: UInt64(timeOfDay), to: &out)
            if moment == .timestampWithTimeZone { out += "+00".utf8 }
        }
    }

    /// ` HH:MM:SS`, and as many digits of the microseconds as the server would write.
    private func append(timeOfDay microseconds: UInt64, to out: inout [UInt8]) {
        let seconds = microseconds / 1_000_000
        out.append(UInt8(ascii: " "))
        out.append(decimal: seconds / 3_600, width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(decimal: seconds / 60 % 60, width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(decimal: seconds % 60, width: 2)
        guard microseconds % 1_000_000 > 0 else { return }
        out.append(UInt8(ascii: "."))
        out.append(decimal: microseconds % 1_000_000, width: 6)
        while out.last == UInt8(ascii: "0") { out.removeLast() }
    }
}
