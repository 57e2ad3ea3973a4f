import API

/// Numbers that begin with a digit.
extension TextScan {
    mutating func readNumber() {
        let start = index
        if start - labelEnd > Self.labelReach { label = nil }
        if let label, coverLabelled(at: start, label) { return }
        let groups = DigitGroups(text, from: start)
        let end = groups.end(0)
        if text[end].isNameLetter {
            readMixed(from: start, digitsEnd: end)
            return
        }
        if text[end] == UInt8(ascii: ":") || text[end] == UInt8(ascii: "-") || text[end] == UInt8(ascii: ".")
        {
            if findCode(at: start) || findNetwork(at: start) { return }
        }
        let isThing = label == .thing
        if findDate(groups) { return }
        if groups.count >= 4, text[end] == UInt8(ascii: "."), !isThing, let end = endOfIPv4(from: start),
            find(.ipAddress, start..<end)
        {
            return
        }
        if findNumber(groups, isThing: isThing) { return }
        if findPlace(groups) { return }
        if findAge(from: start, digitsEnd: end) { return }
        if end - start <= 2 {
            lastNumberStart = start
            lastNumberEnd = end
        }
        if end - start > 2 || !isThing { label = nil }
        phraseNode = 0
        index = end
    }

    /// Digits with letters behind them: a code, a compact date, an ordinal, an age, a unit.
    private mutating func readMixed(from start: Int, digitsEnd: Int) {
        if findCode(at: start) || findNetwork(at: start) { return }
        if findDate(compactAt: start, digitsEnd: digitsEnd) { return }
        if findAge(from: start, digitsEnd: digitsEnd) { return }
        var end = digitsEnd
        while text[end].isWordByte { end += 1 }
        if end - digitsEnd == 2, digitsEnd - start <= 2 {
            if findPlace(DigitGroups(text, from: start)) { return }
            lastNumberStart = start
            lastNumberEnd = end
        }
        index = end
        label = nil
        phraseNode = 0
    }

    /// Social Security, telephone, card and equipment numbers by their groups and check digits.
    private mutating func findNumber(_ groups: DigitGroups, isThing: Bool) -> Bool {
        let start = groups.start(0)
        guard start == 0 || text[start - 1] != UInt8(ascii: "-") && text[start - 1] != UInt8(ascii: ".")
        else {
            return false
        }
        if groups.shape(3) == 0x324, isSocialSecurity(groups) { return find(.ssn, start..<groups.end(2)) }
        if let last = lastGroupOfPhone(groups) {
            return findPhoneNumber(start..<endOfExtension(after: groups.end(last)))
        }
        if let last = lastGroupOfCard(groups) { return find(.accountNumber, start..<groups.end(last)) }
        if groups.shape(4) == 0x2661, groups.isWhole(4), Checksum.luhn(digits(start..<groups.end(3))) {
            return find(.device, start..<groups.end(3))
        }
        guard !isThing, groups.isWhole(1) else { return false }
        let number = text[start..<groups.end(0)]
        switch number.count {
        case 10 where Checksum.nationalProvider(number): return find(.license, start..<groups.end(0))
        case 15 where Checksum.luhn(number) && Self.equipmentIssuers.contains(Int(value(start, 2))):
            return find(.device, start..<groups.end(0))
        default: return false
        }
    }

    /// Reporting body identifiers that equipment numbers (IMEI) begin with.
    private static let equipmentIssuers: Set<Int> = [1, 35, 44, 45, 49, 50, 51, 52, 53, 86, 91, 98, 99]

    private func isSocialSecurity(_ groups: DigitGroups) -> Bool {
        guard groups.separator(after: 0) != UInt8(ascii: "/"),
            groups.separator(after: 1) != UInt8(ascii: "/"),
            groups.isWhole(3)
        else { return false }
        return Checksum.socialSecurity(
            area: value(groups.start(0), 3), group: value(groups.start(1), 2),
            serial: value(groups.start(2), 4))
    }

    /// The last group of a number of the North American plan, with its country code or without.
    private func lastGroupOfPhone(_ groups: DigitGroups) -> Int? {
        let first: Int
        if groups.shape(3) == 0x334, groups.isWhole(3) {
            first = 0
        } else if groups.shape(4) == 0x1334, groups.isWhole(4), text[groups.start(0)] == UInt8(ascii: "1") {
            first = 1
        } else {
            return nil
        }
        let isNumber =
            text[groups.start(first)] >= UInt8(ascii: "2")
            && text[groups.start(first + 1)] >= UInt8(ascii: "2")
            && groups.separator(after: first + 1) != UInt8(ascii: "/")
            && !text[groups.end(first + 2)].isWordByte
        return isNumber ? first + 2 : nil
    }

    private func lastGroupOfCard(_ groups: DigitGroups) -> Int? {
        let last: Int
        if groups.shape(4) == 0x4444 {
            last = groups.count > 4 && groups.length(4) == 3 && !groups.isWhole(4) ? 4 : 3
        } else if groups.shape(3) == 0x465 {
            last = 2
        } else if (13...19).contains(groups.length(0)) {
            last = 0
        } else {
            return nil
        }
        let number = digits(groups.start(0)..<groups.end(last))
        guard let first = number.first, UInt8(ascii: "2")...UInt8(ascii: "6") ~= first,
            !text[groups.end(last)].isWordByte, Checksum.luhn(number)
        else { return nil }
        if number.count == 15, first != UInt8(ascii: "3") || ![34, 37].contains(value(groups.start(0), 2)) {
            return nil
        }
        return last
    }

    // MARK: - Telephones

    /// A number behind a `+` or an opening parenthesis.
    mutating func findPhone(at start: Int) -> Bool {
        guard kinds.contains(.phone) || kinds.contains(.fax) else { return false }
        let isInternational = text[start] == UInt8(ascii: "+")
        guard start == 0 || !text[start - 1].isWordByte else { return false }
        if !isInternational {
            guard text[start + 1].isDigit, text[start + 2].isDigit, text[start + 3].isDigit,
                text[start + 4] == UInt8(ascii: ")")
            else { return false }
        } else if !text[start + 1].isDigit {
            return false
        }
        let limit = isInternational ? 15 : 10
        guard let (end, digitCount) = endOfPhone(from: start, digitLimit: limit),
            isInternational ? digitCount >= 8 : digitCount == 10
        else { return false }
        return findPhoneNumber(start..<endOfExtension(after: end))
    }

    /// Digits with single separators, and parentheses, between them.
    /// - Returns: the end of the last digit; `nil` where more digits follow than there may be.
    func endOfPhone(from start: Int, digitLimit: Int) -> (end: Int, digits: Int)? {
        var at = start
        var end = start
        var digitCount = 0
        var gap = 0
        while gap <= 3 {
            let byte = text[at]
            if byte.isDigit {
                guard digitCount < digitLimit else { return gap > 0 ? (end, digitCount) : nil }
                digitCount += 1
                gap = 0
                end = at + 1
            } else if Self.isPhoneSeparator(byte) {
                gap += 1
            } else {
                return byte.isNameLetter && gap == 0 && byte.smallLetter != UInt8(ascii: "x")
                    ? nil : (end, digitCount)
            }
            at += 1
        }
        return (end, digitCount)
    }

    private static func isPhoneSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// Past `x123` or `ext. 1234`.
    func endOfExtension(after end: Int) -> Int {
        var at = end
        while text[at] == UInt8(ascii: " "), at - end < 2 { at += 1 }
        let word = at
        while text[at].isNameLetter, at - word < 10 { at += 1 }
        let isExtension =
            switch at - word {
            case 1: text[word].smallLetter == UInt8(ascii: "x")
            case 3, 9:
                text[word].smallLetter == UInt8(ascii: "e") && text[word + 1].smallLetter == UInt8(ascii: "x")
            default: false
            }
        guard isExtension else { return end }
        while Array(". :#".utf8).contains(text[at]), at - word < 14 { at += 1 }
        let first = at
        while text[at].isDigit, at - first < 7 { at += 1 }
        return at > first ? at : end
    }

    /// A fax number behind a word that says so, a telephone number otherwise.
    mutating func findPhoneNumber(_ range: Range<Int>) -> Bool {
        let isFax = label == .fax
        if isFax ? kinds.contains(.fax) : kinds.contains(.phone) {
            return find(isFax ? .fax : .phone, range)
        }
        return false
    }

    // MARK: - Ages

    /// An age above 89: "92-year-old", "92 y/o".
    private mutating func findAge(from start: Int, digitsEnd end: Int) -> Bool {
        guard end - start == 2 || end - start == 3, (90...129).contains(value(start, end - start)) else {
            return false
        }
        var at = end
        if text[at] == UInt8(ascii: " ") || text[at] == UInt8(ascii: "-") { at += 1 }
        let word = at
        var hash = Lexicon.hashSeed
        while text[at].isNameLetter, at - word < 6 {
            hash = Lexicon.hash(hash, adding: text[at].smallLetter)
            at += 1
        }
        guard at > word, lexicon.word(hash).traits.contains(.years) else { return false }
        return find(.date, start..<end)
    }

    // MARK: - Digits

    /// The number `count` digits are, of at most 18.
    func value(_ start: Int, _ count: Int) -> Int {
        text[start..<start + count].reduce(0) { $0 * 10 + Int($1 & 0x0f) }
    }

    func digits(_ range: Range<Int>) -> [UInt8] { text[range].filter(\.isDigit) }
}
