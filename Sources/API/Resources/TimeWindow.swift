/// Hours of the week, as `Mon-Fri 09:00-17:00 UTC` writes them.
///
/// Days are names joined by `,` and `-` (`Fri-Mon` runs over the weekend); the hours may pass midnight
/// (`22:00-06:00`), and then belong to the day they start on; the zone is `UTC` or `UTC+05:30`. Names of
/// places are not read: their offsets change with laws.
package struct TimeWindow: Sendable, Hashable {
    package enum Day: Int, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }

    package var days: Set<Day>
    /// Minutes after midnight: 0...1439.
    package var start: Int
    /// Minutes after midnight, not included: 1...1440; at most ``start`` when the window passes midnight.
    package var end: Int
    /// Minutes east of UTC: -720...840.
    package var offset: Int
    /// As it was written.
    package var text: String

    /// Why a text is no window.
    package struct Fault: Error, Equatable {
        package var message: String
    }

    package init(_ text: String) throws(Fault) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3 else {
            throw Fault(
                message: "is no time window: write days, hours and UTC, as in \"Mon-Fri 09:00-17:00 UTC\"")
        }
        days = try Self.days(words[0])
        let hours = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard hours.count == 2, let start = Self.minutes(hours[0]), let end = Self.minutes(hours[1]),
            start != end, start < 1440, end > 0
        else { throw Fault(message: "has no hours of the form 09:00-17:00") }
        self.start = start
        self.end = end
        offset = try Self.offset(words[2])
        self.text = text
    }

    /// Why a text is no window; `nil` when it is.
    package static func fault(in text: String) -> String? {
        do throws(Fault) {
            _ = try Self(text)
            return nil
        } catch {
            return error.message
        }
    }

    private static func days(_ text: Substring) throws(Fault) -> Set<Day> {
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        var days: Set<Day> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { end in names.firstIndex { $0 == end } }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else {
                throw Fault(message: "has no days of the form Mon-Fri or Sat,Sun")
            }
            for step in 0...((last - first + names.count) % names.count) {
                days.formUnion(Day.allCases.filter { $0.rawValue == (first + step) % names.count })
            }
        }
        return days
    }

    private static func offset(_ text: Substring) throws(Fault) -> Int {
        if text == "UTC" { return 0 }
        let sign = text.dropFirst(3).first
        guard text.hasPrefix("UTC"), sign == "+" || sign == "-", let minutes = minutes(text.dropFirst(4)),
            sign == "+" ? minutes <= 840 : minutes <= 720
        else { throw Fault(message: "has no zone of the form UTC or UTC+02:00") }
        return sign == "+" ? minutes : -minutes
    }

    /// `HH:MM` from 00:00 to 24:00, in minutes.
    private static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits[2] * 10 + digits[3]
        guard minutes < 60, hours * 60 + minutes <= 1440 else { return nil }
        return hours * 60 + minutes
    }
}
