/// A moment in UTC, as the API writes it (RFC 3339, section 5.6).
package struct Timestamp: Sendable, Hashable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Years 1 to 9999, in microseconds.
    private static let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
    private static let secondsPerDay: Int64 = 86_400

    package static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    package static func + (moment: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        return Timestamp(
            microseconds: moment.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    // MARK: - Reading

    /// Digits of a second's fraction beyond the sixth are cut off. A leap second is the next second.
    /// - Returns: `nil` for what is no moment of the years 1 to 9999.
    package init?(_ text: String) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2),
            scanner.take("-"),
            let day = scanner.digits(2), scanner.take("T") || scanner.take("t"),
            let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2),
            scanner.take(":"),
            let second = scanner.digits(2), let fraction = scanner.fraction(), let offset = scanner.offset(),
            scanner.rest.isEmpty, year >= 1, (1...12).contains(month), hour < 24, minute < 60, second <= 60,
            day >= 1, day <= Self.dayCount(ofMonth: month, year: year)
        else { return nil }
        let seconds =
            Self.days(year: year, month: month, day: day) * Self.secondsPerDay
            + hour * 3600 + minute * 60 + second - offset
        microseconds = seconds * 1_000_000 + fraction
        guard Self.range.contains(microseconds) else { return nil }
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digit() -> Int64? {
            guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
            rest.removeFirst()
            return Int64(byte - 0x30)
        }

        mutating func digits(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// In microseconds.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            guard var value = digit() else { return nil }
            var count = 1
            while let digit = digit() {
                if count < 6 {
                    value = value * 10 + digit
                    count += 1
                }
            }
            while count < 6 {
                value *= 10
                count += 1
            }
            return value
        }

        /// In seconds east of UTC.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+"), let hours = digits(2), take(":"), let minutes = digits(2), hours < 24,
                minutes < 60
            else { return nil }
            return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }

    // MARK: - Writing

    /// `2026-11-28T09:30:00Z`, for fields of type `Time`.
    package var time: String { text(withFraction: false) }

    /// `2026-11-28T09:30:00.000000Z`, for fields of type `MicroTime`, which take exactly six digits.
    package var microTime: String { text(withFraction: true) }

    private func text(withFraction: Bool) -> String {
        let clamped = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
        let (seconds, fraction) = Self.floorDivide(clamped, by: 1_000_000)
        let (days, second) = Self.floorDivide(seconds, by: Self.secondsPerDay)
        let date = Self.date(days: days)
        var text = "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))T"
        text += "\(Self.padded(second / 3600, 2)):\(Self.padded(second / 60 % 60, 2))"
        text += ":\(Self.padded(second % 60, 2))"
        if withFraction { text += ".\(Self.padded(fraction, 6))" }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // MARK: - The calendar

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64)
    {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func dayCount(ofMonth month: Int64, year: Int64) -> Int64 {
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of a date after 0000-03-01, in years that begin in March so that a leap day is
    /// the last of its year.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let (era, yearOfEra) = floorDivide(marchYear, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysToEpoch
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + daysToEpoch, by: daysPerEra)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            yearOfEra + era * 400 + (month > 2 ? 0 : 1), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }

    /// Of 400 years.
    private static let daysPerEra: Int64 = 146_097
    /// From 0000-03-01.
    private static let daysToEpoch: Int64 = 719_468
}

extension Timestamp: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}
