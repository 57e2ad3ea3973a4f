import API
import Testing

@testable import Masking

struct MomentMaskTests {
    static let shift = MaskingAction.dateShift(maximumDays: 30, key: nil)

    @Test(arguments: [
        ("2000-01-01", 0), ("1999-12-31", -1), ("2000-02-29", 59), ("2000-03-01", 60),
        ("1946-01-01", -19_723),
        ("0001-01-01", -730_119), ("9999-12-31", 2_921_939), ("1900-02-28", -36_466), ("1900-03-01", -36_465),
    ])
    func `days count from 2000-01-01`(text: String, number: Int64) throws {
        // The numbers are PostgreSQL's: SELECT date '1946-01-01' - date '2000-01-01'.
        let date = try #require(CalendarDate(dayNumber: number))
        var out: [UInt8] = []
        date.append(to: &out)
        #expect(String(decoding: out, as: UTF8.self) == text)
        #expect(date.dayNumber == number)
    }

    /// The calendar repeats after 400 years, or 146,097 days.
    @Test
    func `every day of the calendar has one number`() throws {
        var previous = try #require(CalendarDate(dayNumber: -146_098))
        for number in Int64(-146_097)...146_097 {
            let date = try #require(CalendarDate(dayNumber: number))
            guard date.dayNumber == number,
                CalendarDate(year: date.year, month: date.month, day: date.day) == date,
                date.day == previous.day + 1 || date.day == 1
            else {
                Issue.record("day \(number)")
                return
            }
            previous = date
        }
        #expect(CalendarDate(dayNumber: -730_120) == nil)
        #expect(CalendarDate(dayNumber: 2_921_940) == nil)
        #expect(CalendarDate(year: 1_900, month: 2, day: 29) == nil)
        #expect(CalendarDate(year: 2_000, month: 13, day: 1) == nil)
    }

    @Test
    func `a date becomes the first day of its year, in both formats`() {
        let year = MaskingAction.generalize(.year)
        #expect(ColumnMasker(year, OID.date).mask("1946-09-30") == "1946-01-01")
        #expect(
            ColumnMasker(year, OID.date, isBinary: true).mask(.init(bigEndian: Int32(-19_451)))
                == .init(bigEndian: Int32(-19_723)))
        #expect(ColumnMasker(year, OID.timestamp).mask("1946-09-30 10:11:12.5") == "1946-01-01 00:00:00")
        // Still the old year in UTC.
        #expect(
            ColumnMasker(year, OID.timestamptz).mask("1947-01-01 01:00:00+02") == "1946-01-01 00:00:00+00")
        let instant = -19_723 * ISOTimestamp.microsecondsPerDay
        #expect(
            ColumnMasker(year, OID.timestamptz, isBinary: true).mask(.init(bigEndian: instant + 1))
                == .init(bigEndian: instant))
    }

    @Test(arguments: [1, 2, 30, 3_650])
    func `a date moves by one day at least and the given number at most`(maximumDays: Int) throws {
        let masker = ColumnMasker(
            .dateShift(maximumDays: maximumDays, key: nil), OID.date, isBinary: true)
        var distances: Set<Int32> = []
        for day in Int32(-1_000)...1_000 {
            let mask = try #require(masker.mask(.init(bigEndian: day)))
            let distance = Int32(truncatingIfNeeded: Int64(mask.span.bigEndianNumber)) - day
            #expect(distance != 0 && abs(Int(distance)) <= maximumDays)
            distances.insert(distance)
        }
        #expect(distances.count > min(2 * maximumDays - 1, 200))
    }

    @Test
    func `equal days move equally, whatever the type, format and time`() throws {
        let date = try #require(ColumnMasker(Self.shift, OID.date).mask("1980-05-17"))
        #expect(ColumnMasker(Self.shift, OID.timestamp).mask("1980-05-17 00:00:00") == date + " 00:00:00")
        #expect(
            ColumnMasker(Self.shift, OID.timestamp).mask("1980-05-17 23:59:59.999990") == date
                + " 23:59:59.99999")
        #expect(
            ColumnMasker(Self.shift, OID.timestamptz).mask("1980-05-16 22:30:00-05:30") == date
                + " 04:00:00+00")
        let moved = try #require(dayNumber(of: Array(date.utf8)))
        #expect(
            ColumnMasker(Self.shift, OID.date, isBinary: true).mask(.init(bigEndian: Int32(-7_168)))
                == .init(bigEndian: Int32(moved)))
        // A microsecond before midnight, before 2000: the day is rounded down, not towards zero.
        let instant = -7_167 * ISOTimestamp.microsecondsPerDay - 1
        #expect(
            ColumnMasker(Self.shift, OID.timestamp, isBinary: true).mask(.init(bigEndian: instant))
                == .init(bigEndian: instant + (moved + 7_168) * ISOTimestamp.microsecondsPerDay))
    }

    @Test
    func `what cannot move becomes NULL`() {
        for days in [0, -1, .min] {
            #expect(ColumnMasker(.dateShift(maximumDays: days, key: nil), OID.date).mask("1980-05-17") == nil)
        }
        // Out of the calendar's first and last days, one way or the other.
        let far = ColumnMasker(.dateShift(maximumDays: .max, key: nil), OID.date)
        let masks = (1...28).map { far.mask("0001-01-\($0 < 10 ? "0" : "")\($0)") }
        #expect(masks.contains(nil) && masks.contains { $0 != nil })
    }

    @Test(arguments: [
        "infinity", "-infinity", "0044-03-15 BC", "10000-01-01", "01/31/1999", "31.01.1999", "1999-02-29",
        "1999-1-31", "", "1999-01-31 00:00:00", "1999-13-01", "0000-01-01",
    ])
    func `a date in no ISO form becomes NULL`(text: String) {
        #expect(ColumnMasker(Self.shift, OID.date).mask(text) == nil)
        #expect(ColumnMasker(.generalize(.year), OID.date).mask(text) == nil)
    }

    @Test(arguments: [
        "infinity", "1999-01-31", "1999-01-31 10:11", "1999-01-31 10:11:12.",
        "1999-01-31 10:11:12.1234567890",
        "1999-01-31 10:11:60", "1999-01-31 10:11:12 BC", "1999-01-31 10:11:12+", "1999-01-31 10:11:12+2",
        "1999-01-31 10:11:12+02:00:00:00", "1999-01-31 10:11:12 PST", "1999-01-31 10:11:12+16",
    ])
    func `a timestamp in no ISO form becomes NULL`(text: String) {
        #expect(ColumnMasker(Self.shift, OID.timestamp).mask(text) == nil)
        #expect(ColumnMasker(Self.shift, OID.timestamptz).mask(text) == nil)
    }

    @Test
    func `a timestamp has a zone when its type has`() {
        #expect(ColumnMasker(Self.shift, OID.timestamp).mask("1999-01-31 10:11:12+00") == nil)
        #expect(ColumnMasker(Self.shift, OID.timestamptz).mask("1999-01-31 10:11:12") == nil)
    }

    @Test
    func `binary infinities and other widths become NULL`() {
        for value in [Int32.max, .min, -730_120, 2_921_940] {
            #expect(ColumnMasker(Self.shift, OID.date, isBinary: true).mask(.init(bigEndian: value)) == nil)
        }
        for value in [Int64.max, .min] {
            #expect(
                ColumnMasker(Self.shift, OID.timestamp, isBinary: true).mask(.init(bigEndian: value)) == nil)
        }
        for bytes in [[], [0, 0, 0], [0, 0, 0, 0, 0]] as [[UInt8]] {
            #expect(ColumnMasker(Self.shift, OID.date, isBinary: true).mask(bytes) == nil)
            #expect(ColumnMasker(Self.shift, OID.timestamptz, isBinary: true).mask(bytes) == nil)
        }
    }
}
