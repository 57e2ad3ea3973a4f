import API

/// Codes of letters and digits.
extension TextScan {
    /// Longest code read, in bytes; ours: an IBAN in groups of four has 42.
    private static let codeLimit = 48

    /// Codes whose check digits or grammar prove them, from their first character on.
    mutating func findCode(at start: Int) -> Bool {
        guard start == 0 || !text[start - 1].isWordByte else { return false }
        var end = start
        while end - start < 35, text[end].isWordByte { end += 1 }
        let code = text[start..<end]
        switch code.count {
        case 17 where Checksum.vehicle(code) && code.contains(where: \.isUpperCaseLetter):
            return find(.vehicle, start..<end)
        case 11 where Checksum.medicareBeneficiary(code): return find(.healthPlanNumber, start..<end)
        case 9 where Checksum.drugEnforcement(code): return find(.license, start..<end)
        case 4:
            if let end = endOfHyphenatedBeneficiary(from: start) {
                return find(.healthPlanNumber, start..<end)
            }
        default: break
        }
        if code.count == 4 || code.count >= 15, let end = endOfBankAccount(from: start) {
            return find(.accountNumber, start..<end)
        }
        return false
    }

    /// A Medicare Beneficiary Identifier as cards print it: 4-3-4.
    private func endOfHyphenatedBeneficiary(from start: Int) -> Int? {
        guard start + 13 <= count, text[start + 4] == UInt8(ascii: "-"), text[start + 8] == UInt8(ascii: "-"),
            !text[start + 13].isWordByte
        else { return nil }
        let code = text[start..<start + 4] + text[start + 5..<start + 8] + text[start + 9..<start + 13]
        return Checksum.medicareBeneficiary(code) ? start + 13 : nil
    }

    /// An IBAN written together or in groups of four.
    private func endOfBankAccount(from start: Int) -> Int? {
        guard text[start].isUpperCaseLetter, text[start + 1].isUpperCaseLetter, text[start + 2].isDigit,
            text[start + 3].isDigit
        else { return nil }
        var code: [UInt8] = []
        var at = start
        var end: Int?
        while at - start < Self.codeLimit, code.count < 34 {
            let byte = text[at]
            if byte.isDigit || byte.isUpperCaseLetter {
                code.append(byte)
            } else if byte != UInt8(ascii: " ") || !code.count.isMultiple(of: 4) {
                break
            }
            at += 1
            // The longest that the check digits prove.
            if !text[at].isWordByte, Checksum.bankAccount(code) { end = at }
        }
        return end
    }

    /// A unique device identifier as GS1 labels print it: `(01)`, 14 digits, further parts.
    mutating func findDevice(parenthesisAt start: Int) -> Bool {
        guard kinds.contains(.device), text[start + 1] == UInt8(ascii: "0"),
            text[start + 2] == UInt8(ascii: "1"),
            text[start + 3] == UInt8(ascii: ")"), text[start + 4].isDigit
        else { return false }
        var at = start + 4
        while at - start < 120, at < count,
            text[at].isWordByte || text[at] == UInt8(ascii: "-")
                || text[at] == UInt8(ascii: "(") && text[at + 1].isDigit
                || text[at] == UInt8(ascii: ")") && text[at - 1].isDigit
        { at += 1 }
        guard at - start >= 18 else { return false }
        return find(.device, start..<at)
    }

    // MARK: - Behind a label

    /// Takes the value that a label announced, if one begins here.
    mutating func coverLabelled(at start: Int, _ label: Label) -> Bool {
        guard let kind = label.kind, kinds.contains(kind) else { return false }
        switch label {
        case .name, .bareName: return isSeparated(from: start) && coverName(at: start)
        case .title: return isDirect(before: start) && coverName(at: start)
        case .address: return isSeparated(from: start) && coverLine(at: start)
        case .place: return coverPlace(at: start)
        case .zip: return coverDigits(at: start, 4...6, .address)
        case .age:
            let run = endOfDigits(start) - start
            guard run == 2 || run == 3, (90...129).contains(value(start, run)) else { return false }
            return find(.date, start..<start + run)
        case .phone, .fax: return coverPhone(at: start)
        case .url: return coverHost(at: start)
        case .date, .dateWord, .email, .ipAddress, .thing, .person: return false
        case .ssn:
            guard let end = endOfCode(from: start) else { return false }
            let digitCount = digits(start..<end).count
            return (digitCount == 9 || digitCount == 4) && find(.ssn, start..<end)
        case .medicalRecord, .healthPlan, .account, .license, .vehicle, .plate, .device, .biometric, .photo,
            .other:
            if label == .device, findNetwork(at: start) { return true }
            guard let end = endOfCode(from: start, isPlate: label == .plate) else { return false }
            return find(kind, start..<end)
        }
    }

    func endOfDigits(_ start: Int) -> Int {
        var end = start
        while text[end].isDigit, end - start < 20 { end += 1 }
        return end
    }

    private mutating func coverDigits(at start: Int, _ length: ClosedRange<Int>, _ kind: IdentifierKind)
        -> Bool
    {
        let end = endOfDigits(start)
        guard length.contains(end - start) else { return false }
        let isExtended = text[end] == UInt8(ascii: "-") && endOfDigits(end + 1) == end + 5
        return find(kind, start..<(isExtended ? end + 5 : end))
    }

    private mutating func coverPhone(at start: Int) -> Bool {
        guard text[start].isDigit, let (end, digitCount) = endOfPhone(from: start, digitLimit: 15),
            digitCount >= 7
        else { return false }
        // A date or a card behind "call" is none of a telephone.
        let groups = DigitGroups(text, from: start)
        if groups.shape(3) == 0x422 || groups.shape(3) == 0x224 { return false }
        return findPhoneNumber(start..<endOfExtension(after: end))
    }

    private mutating func coverHost(at start: Int) -> Bool {
        var end = start
        var hasDot = false
        while end - start < 255, text[end] > 0x20, !Array("\"<>\\|;,".utf8).contains(text[end]) {
            if text[end] == UInt8(ascii: "."), text[end + 1].isWordByte { hasDot = true }
            end += 1
        }
        while end > start, !text[end - 1].isWordByte, text[end - 1] != UInt8(ascii: "/") { end -= 1 }
        return hasDot && find(.url, start..<end)
    }

    /// The end of a code of groups that holds at least three digits; plates may have fewer, and end in letters.
    func endOfCode(from start: Int, isPlate: Bool = false) -> Int? {
        var at = start
        var end = start
        var digitCount = 0
        var capitalCount = 0
        while true {
            let first = at
            var groupDigits = 0
            var hasSmall = false
            while text[at].isWordByte, at - start < Self.codeLimit {
                if text[at].isDigit { groupDigits += 1 } else { hasSmall = hasSmall || !text[at].isCapital }
                at += 1
            }
            // Words are no part of a code, and the next label begins none.
            if first == start, groupDigits == 0, text[at] != UInt8(ascii: "-"), isCodeLabel(first..<at) {
                break
            }
            guard at > first, groupDigits > 0 || !hasSmall && at - first <= 6 else { break }
            if first > start, text[first - 1] == UInt8(ascii: " "), !isPlate {
                // Separated by spaces alone: short runs of digits.
                guard groupDigits == at - first, groupDigits <= 6, digitCount > 0 || capitalCount <= 4 else {
                    break
                }
                if text[at] == UInt8(ascii: "/") || text[at] == UInt8(ascii: ".") && text[at + 1].isDigit {
                    break
                }
            }
            digitCount += groupDigits
            capitalCount += at - first - groupDigits
            end = at
            guard let next = nextGroup(after: at, groupLength: at - first), next - start < Self.codeLimit
            else {
                break
            }
            at = next
        }
        guard digitCount >= (isPlate ? 1 : 3), digitCount + capitalCount >= (isPlate ? 4 : 3) else {
            return nil
        }
        return end
    }

    private func isCodeLabel(_ range: Range<Int>) -> Bool {
        let hash = text[range].reduce(Lexicon.hashSeed) { Lexicon.hash($0, adding: $1.smallLetter) }
        let word = lexicon.word(hash).phraseWord
        guard word != 0, let node = lexicon.next(0, word) else { return false }
        return lexicon.label(at: node)?.isOfCode ?? false
    }

    private func nextGroup(after end: Int, groupLength: Int) -> Int? {
        var at = end
        var mark: UInt8 = 0
        while at - end < 3, !text[at].isWordByte {
            switch text[at] {
            case UInt8(ascii: " "): break
            case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                MappedText.symbol:
                guard mark == 0 else { return nil }
                mark = text[at]
            default: return nil
            }
            at += 1
        }
        guard at > end, text[at].isWordByte else { return nil }
        if mark == 0 { return at == end + 1 && groupLength <= 6 ? at : nil }
        if mark == UInt8(ascii: ".") { return at == end + 1 && text[at].isDigit ? at : nil }
        return at
    }
}
