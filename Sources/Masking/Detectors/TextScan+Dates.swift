import API

/// Dates in the forms of medical texts; a year by itself is none.
extension TextScan {
    private static let years = 1800...2199

    /// Dates in numbers.
    mutating func findDate(_ groups: DigitGroups) -> Bool {
        guard kinds.contains(.date) else { return false }
        let start = groups.start(0)
        guard start == 0 || text[start - 1] != UInt8(ascii: ".") && text[start - 1] != UInt8(ascii: "-")
        else {
            return false
        }
        if groups.count >= 3, let end = endOfNumericDate(groups) { return find(.date, start..<end) }
        if groups.count >= 2, isPartOfDate(groups) { return find(.date, start..<groups.end(1)) }
        guard groups.length(0) >= 8 else { return false }
        let isField =
            start > 0 && text[start - 1] == UInt8(ascii: "|") && text[groups.end(0)] == UInt8(ascii: "|")
        guard label == .date || isField, [8, 12, 14].contains(groups.length(0)) else { return false }
        let isCompact =
            isDay(value(start, 4), value(start + 4, 2), value(start + 6, 2))
            || isDay(value(start + 4, 4), value(start, 2), value(start + 2, 2))
        return isCompact && find(.date, start..<groups.end(0))
    }

    /// Year, month and day in any order that is in use, between like separators.
    private func endOfNumericDate(_ groups: DigitGroups) -> Int? {
        let separator = groups.separator(after: 0)
        guard separator == groups.separator(after: 1),
            separator != UInt8(ascii: " ") || label == .date,
            groups.isWhole(3)
                || groups.separator(after: 2) == UInt8(ascii: "-") && text[groups.end(2)] == 0x20
        else { return nil }
        let parts = (0..<3).map { value(groups.start($0), min(4, groups.length($0))) }
        let end = groups.end(2)
        switch groups.shape(3) {
        case 0x422, 0x412, 0x421, 0x411:
            return isDay(parts[0], parts[1], parts[2]) ? endOfTime(after: end) : nil
        case 0x224, 0x124, 0x214, 0x114:
            return isDay(parts[2], parts[0], parts[1]) || isDay(parts[2], parts[1], parts[0]) ? end : nil
        case 0x222, 0x122, 0x212, 0x112:
            guard
                separator == UInt8(ascii: "/") || label == .date
                    || separator == UInt8(ascii: "-") && groups.shape(3) == 0x222
            else { return nil }
            return isDay(2000, parts[0], parts[1]) || isDay(2000, parts[1], parts[0]) ? end : nil
        default: return nil
        }
    }

    private func isDay(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        Self.years.contains(year) && (1...12).contains(month) && (1...31).contains(day)
    }

    /// Past the time of an ISO 8601 date.
    private func endOfTime(after end: Int) -> Int {
        guard text[end] == UInt8(ascii: "T") || text[end] == UInt8(ascii: " "), text[end + 1].isDigit,
            text[end + 2].isDigit, text[end + 3] == UInt8(ascii: ":")
        else { return end }
        var at = end + 1
        while at - end < 32, text[at].isDigit || Array(":.+-Z".utf8).contains(text[at]) { at += 1 }
        while !text[at - 1].isDigit, text[at - 1] != UInt8(ascii: "Z") { at -= 1 }
        return at
    }

    /// A month and a year, or behind a word that leads to a date a month and a day.
    private func isPartOfDate(_ groups: DigitGroups) -> Bool {
        guard groups.separator(after: 0) == UInt8(ascii: "/"), groups.isWhole(2),
            !text[groups.end(1)].isWordByte
        else { return false }
        let first = value(groups.start(0), min(4, groups.length(0)))
        let second = value(groups.start(1), min(4, groups.length(1)))
        guard (1...12).contains(first) else { return false }
        switch groups.shape(2) {
        case 0x14, 0x24: return (1900...2099).contains(second)
        case 0x11, 0x12, 0x21, 0x22:
            if label == .date { return (1...31).contains(second) }
            // Scales are out of 4, 5, 6 and 10.
            return label == .dateWord && (1...31).contains(second) && ![4, 5, 6, 10].contains(second)
        default: return false
        }
    }

    /// `17MAY1980`.
    mutating func findDate(compactAt start: Int, digitsEnd: Int) -> Bool {
        guard kinds.contains(.date), digitsEnd - start <= 2,
            (1...31).contains(value(start, digitsEnd - start)),
            monthNumber(at: digitsEnd) > 0, !text[digitsEnd + 3].isNameLetter
        else { return false }
        var end = digitsEnd + 3
        while text[end].isDigit, end - digitsEnd < 8 { end += 1 }
        guard end - digitsEnd == 5 || end - digitsEnd == 7 else { return false }
        return find(.date, start..<end)
    }

    private func monthNumber(at start: Int) -> Int {
        Vocabulary.monthNumber(
            text[start].smallLetter, text[start + 1].smallLetter, text[start + 2].smallLetter)
    }

    /// A date around the name of a month: "May 17, 1980", "17th of May", "17-May-80", "May 1980".
    mutating func findDate(monthAt start: Int, endingAt end: Int) -> Bool {
        guard kinds.contains(.date) else { return false }
        let isCapital = text[start].isCapital
        let first = isDayBefore(start) ? lastNumberStart : start
        var at = pastGap(end)
        // The day, or the year.
        let number = digitRun(at)
        var isYear = number.count == 4 && Self.years.contains(value(number.lowerBound, 4))
        let isDay =
            (1...2).contains(number.count) && (1...31).contains(value(number.lowerBound, number.count))
        if first < start {
            let isShortYear = number.count == 2 && text[number.lowerBound - 1] != UInt8(ascii: " ")
            if isYear || isShortYear { return find(.date, first..<number.upperBound) }
            return isCapital && find(.date, first..<end)
        }
        if isYear { return find(.date, start..<number.upperBound) }
        guard isDay else { return false }
        let dayEnd = endOfOrdinal(number.upperBound)
        at = pastGap(dayEnd)
        let year = digitRun(at)
        isYear = year.count == 4 && Self.years.contains(value(year.lowerBound, 4))
        let isShortYear = year.count == 2 && text[year.lowerBound - 1] == UInt8(ascii: "'")
        if at > dayEnd, isYear || isShortYear { return find(.date, start..<year.upperBound) }
        return isCapital && !text[dayEnd].isWordByte && find(.date, start..<dayEnd)
    }

    /// The last number is a day, and nothing but a separator or "of" is between it and `start`.
    private func isDayBefore(_ start: Int) -> Bool {
        guard lastNumberEnd > 0, start - lastNumberEnd <= 5, start > lastNumberEnd else { return false }
        let digits = lastNumberEnd - lastNumberStart > 2 ? lastNumberEnd - 2 : lastNumberEnd
        guard (1...31).contains(value(lastNumberStart, digits - lastNumberStart)) else { return false }
        let gap = text[lastNumberEnd..<start]
        return gap.elementsEqual(Array(" of ".utf8)) || gap.allSatisfy { $0 == UInt8(ascii: " ") }
            || gap.count == 1 && Array("-/.\n".utf8).contains(text[lastNumberEnd])
    }

    /// Past at most three separators, or an apostrophe.
    private func pastGap(_ start: Int) -> Int {
        var at = start
        while at - start < 3, Array(" ,.-/\n'".utf8).contains(text[at]) { at += 1 }
        return at
    }

    private func digitRun(_ start: Int) -> Range<Int> {
        var end = start
        while text[end].isDigit, end - start < 5 { end += 1 }
        return start..<end
    }

    private func endOfOrdinal(_ end: Int) -> Int {
        let suffix = [text[end].smallLetter, text[end + 1].smallLetter]
        let isOrdinal = ["st", "nd", "rd", "th"].contains { Array($0.utf8) == suffix }
        return isOrdinal && !text[end + 2].isWordByte ? end + 2 : end
    }
}
