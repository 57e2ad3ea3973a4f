import API

/// Geographic subdivisions smaller than a state.
extension TextScan {
    /// Longest address in one line that is found whole, in bytes; ours.
    private static let lineLimit = 120
    /// Most words of a street's name; ours.
    private static let streetLimit = 6

    /// A street address, or the postal code behind a state.
    mutating func findPlace(_ groups: DigitGroups) -> Bool {
        guard kinds.contains(.address) else { return false }
        if groups.length(0) == 5, let city = cityBefore(groups.start(0)) {
            let isExtended = groups.shape(2) == 0x54 && groups.separator(after: 0) == UInt8(ascii: "-")
            return find(.address, city..<groups.end(isExtended ? 1 : 0))
        }
        guard groups.length(0) <= 6, let end = endOfStreet(afterNumber: groups.end(0)) else { return false }
        return find(.address, groups.start(0)..<end)
    }

    /// The start of "Springfield, IL" before a postal code.
    private func cityBefore(_ start: Int) -> Int? {
        // A word of two letters is a code where both are capitals.
        guard lastWord.traits.contains(.state), lastWordEnd > 0, text[lastWordStart].isCapital,
            lastWordEnd - lastWordStart > 2 || text[lastWordStart + 1].isCapital,
            start - lastWordEnd <= 2, text[lastWordEnd] == UInt8(ascii: " ")
        else { return nil }
        if capitalsStart < lastWordStart, capitalsEnd == lastWordEnd { return capitalsStart }
        let isCity =
            previousCapitals.upperBound > previousCapitals.lowerBound
            && text[previousCapitals.upperBound..<lastWordStart].elementsEqual(Array(", ".utf8))
        return isCity ? previousCapitals.lowerBound : lastWordStart
    }

    /// Capitalized words up to a street suffix, and the unit behind it.
    private func endOfStreet(afterNumber start: Int) -> Int? {
        guard text[start] == UInt8(ascii: " ") || text[start].isNameLetter else { return nil }
        var at = start
        // `12B Main St`, `5th`: the rest of the number.
        while text[at].isWordByte, at - start < 3 { at += 1 }
        var end: Int?
        var words = 0
        while words < Self.streetLimit, text[at] == UInt8(ascii: " ") {
            at += 1
            let first = at
            var hash = Lexicon.hashSeed
            while text[at].isWordByte || text[at] == UInt8(ascii: "'") || text[at] == UInt8(ascii: "-") {
                hash = Lexicon.hash(hash, adding: text[at].smallLetter)
                at += 1
            }
            guard at > first, text[first].isCapital || text[first].isDigit && words == 0 else { break }
            words += 1
            let traits = lexicon.word(hash).traits
            if traits.contains(.streetSuffix), words > 1 { end = at }
            if traits.contains(.unit), end != nil { break }
            if text[at] == UInt8(ascii: ".") {
                // "S.", "St.": not the end of a sentence.
                guard end == at || Self.isShortened(text[first..<at]) else { break }
                if end == at { end = at + 1 }
                at += 1
            }
        }
        return end.map(endOfUnit)
    }

    /// A direction, or "Saint", "Mount" or "Fort".
    private static func isShortened(_ word: ArraySlice<UInt8>) -> Bool {
        switch word.count {
        case 1: word.allSatisfy { Array("NSEW".utf8).contains($0) }
        case 2: ["NE", "NW", "SE", "SW", "St", "Mt", "Ft"].contains { word.elementsEqual($0.utf8) }
        default: false
        }
    }

    /// Past ", Apt 4B" or " # 12".
    private func endOfUnit(after end: Int) -> Int {
        var at = end
        while at - end < 2, text[at] == UInt8(ascii: ",") || text[at] == UInt8(ascii: " ") { at += 1 }
        guard at > end else { return end }
        let word = at
        var hash = Lexicon.hashSeed
        while text[at].isNameLetter, at - word < 10 {
            hash = Lexicon.hash(hash, adding: text[at].smallLetter)
            at += 1
        }
        let isUnit = at > word ? lexicon.word(hash).traits.contains(.unit) : text[at] == UInt8(ascii: "#")
        guard isUnit else { return end }
        while at - word < 14, Array(" .#".utf8).contains(text[at]) { at += 1 }
        let number = at
        while text[at].isWordByte || text[at] == UInt8(ascii: "-"), at - number < 6 { at += 1 }
        return at > number ? at : end
    }

    /// A post office box.
    mutating func findAddress(at start: Int, endingAt end: Int) -> Bool {
        guard end - start == 3, kinds.contains(.address), text[start].smallLetter == UInt8(ascii: "b"),
            text[start + 1].smallLetter == UInt8(ascii: "o"),
            text[start + 2].smallLetter == UInt8(ascii: "x"),
            text[end] == UInt8(ascii: " "), text[end + 1].isDigit
        else { return false }
        var first = start
        while start - first < 6, first > 0, Array("poPO. ".utf8).contains(text[first - 1]) { first -= 1 }
        while text[first] == UInt8(ascii: " ") || text[first] == UInt8(ascii: ".") { first += 1 }
        let letters = text[first..<start].filter(\.isNameLetter).map(\.smallLetter)
        guard letters == Array("po".utf8) else { return false }
        return find(.address, first..<endOfDigits(end + 1))
    }

    /// The rest of the line behind an address label.
    mutating func coverLine(at start: Int) -> Bool {
        guard text[start].isDigit || text[start].isCapital else { return false }
        var end = start
        while end < count, end - start < Self.lineLimit, text[end] >= 0x20,
            !Array(";|\"<>{}[]\\".utf8).contains(text[end])
        {
            // A sentence ends.
            if text[end] == UInt8(ascii: "."), text[end + 1] == UInt8(ascii: " "), text[end + 2].isCapital,
                end - start > 8, text[end - 1].isSmall && text[end - 2].isSmall && text[end - 3].isSmall
            {
                break
            }
            end += 1
        }
        while end > start, !text[end - 1].isWordByte { end -= 1 }
        return end > start && find(.address, start..<end)
    }

    /// Capitalized words behind "lives in", and a state behind them.
    mutating func coverPlace(at start: Int) -> Bool {
        guard text[start].isCapital else { return false }
        var at = start
        var end = start
        while at - start < Self.lineLimit, text[at].isCapital {
            while text[at].isNameLetter { at += 1 }
            end = at
            if text[at] == UInt8(ascii: ","), text[at + 1] == UInt8(ascii: " "),
                text[at + 2].isUpperCaseLetter,
                text[at + 3].isUpperCaseLetter, !text[at + 4].isWordByte
            {
                end = at + 4
                if text[end] == UInt8(ascii: " "), endOfDigits(end + 1) == end + 6 { end += 6 }
                break
            }
            guard text[at] == UInt8(ascii: " ") else { break }
            at += 1
        }
        return find(.address, start..<end)
    }
}
