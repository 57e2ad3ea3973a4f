/// A day of the proleptic Gregorian calendar, of the years 1 to 9999.
///
/// Others are values of PostgreSQL's types too, but their text forms are longer or end in `BC`: masks
/// treat them as values without a date.
struct CalendarDate: Equatable {
    var year: Int64
    var month: Int64
    var day: Int64

    /// `nil` for a day the calendar does not have.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9_999).contains(year), (1...12).contains(month) else { return nil }
        guard day >= 1, day <= Self.lengthOfMonth(month, in: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter number: days since 2000-01-01.
    init?(dayNumber number: Int64) {
        guard Self.firstDayNumber...Self.lastDayNumber ~= number else { return nil }
        // Years that begin in March have their leap day last; an era is 400 of them, or 146,097 days.
        let dayOfEras = number - Self.firstDayNumber + Self.daysFromMarchOfYearZero
        let era = dayOfEras / 146_097
        let dayOfEra = dayOfEras % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Days since 2000-01-01.
    var dayNumber: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear / 400
        let yearOfEra = marchYear % 400
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - Self.daysFromMarchOfYearZero + Self.firstDayNumber
    }

    /// Appends `YYYY-MM-DD`.
    func append(to out: inout [UInt8]) {
        out.append(decimal: UInt64(year), width: 4)
        out.append(UInt8(ascii: "-"))
        out.append(decimal: UInt64(month), width: 2)
        out.append(UInt8(ascii: "-"))
        out.append(decimal: UInt64(day), width: 2)
    }

    /// 0001-01-01 and 9999-12-31.
    private static let firstDayNumber: Int64 = -730_119
    private static let lastDayNumber: Int64 = 2_921_939
    /// From 0000-03-01 to 0001-01-01.
    private static let daysFromMarchOfYearZero: Int64 = 306

    private static func lengthOfMonth(_ month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
