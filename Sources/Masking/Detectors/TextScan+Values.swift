import API

/// Values that a key, a header or a column's name tells the kind of.
extension TextScan {
    /// Longest value that is covered whole by what its key says, in bytes; ours: a longer one is a text.
    private static let valueLimit = 160

    /// Covers a whole value where it can be what its key says.
    mutating func coverValue(_ range: Range<Int>, under label: Label) -> Bool {
        var range = range
        while let first = range.first, text[first] <= 0x20 { range.removeFirst() }
        while let last = range.last, text[last] <= 0x20 { range.removeLast() }
        guard !range.isEmpty, let kind = label.kind, kinds.contains(kind), isPlausible(range, label) else {
            return false
        }
        findings.add(kind, range)
        index = range.upperBound
        return true
    }

    private func isPlausible(_ range: Range<Int>, _ label: Label) -> Bool {
        let value = text[range]
        let digitCount = value.count(where: \.isDigit)
        switch label {
        case .biometric, .photo: return true
        case .dateWord, .place, .thing, .person: return false
        default: break
        }
        guard range.count <= Self.valueLimit else { return false }
        switch label {
        case .name, .title, .bareName:
            return digitCount == 0 && range.count <= 80 && value.contains(where: \.isNameLetter)
        case .address: return value.contains(where: \.isWordByte)
        case .zip: return digitCount >= 3 && range.count <= 24
        case .date: return digitCount >= 3 && range.count <= 40
        case .age:
            return range.count <= 3 && digitCount == range.count
                && self.value(range.lowerBound, digitCount) >= 90
        case .phone, .fax: return digitCount >= 5 && range.count <= 48
        case .email: return value.contains(UInt8(ascii: "@"))
        case .url: return value.contains(UInt8(ascii: ".")) && !value.contains(UInt8(ascii: " "))
        case .ipAddress:
            return digitCount > 0 && value.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
        case .plate: return range.count <= 12
        case .vehicle: return digitCount >= 1 && range.count <= 80
        case .ssn, .medicalRecord, .healthPlan, .account, .license, .device, .other:
            return digitCount >= 2 && range.count <= 80
        case .biometric, .photo, .dateWord, .place, .thing, .person: return false
        }
    }
}

extension Lexicon {
    /// What a key, a header or a column's name says of its values: the last label among its words.
    func label(ofKey key: some Collection<UInt8>) -> Label? {
        var found: Label?
        var node: UInt16 = 0
        var hash = Self.hashSeed
        var letters = 0
        var wasSmall = false
        func take() {
            guard letters > 0 else { return }
            let word = word(hash).phraseWord
            node = word == 0 ? 0 : next(node, word) ?? next(0, word) ?? 0
            if let label = label(at: node) { found = label }
            hash = Self.hashSeed
            letters = 0
        }
        for byte in key {
            guard byte.isNameLetter || byte == UInt8(ascii: "#") else {
                take()
                wasSmall = false
                continue
            }
            if wasSmall, byte.isUpperCaseLetter { take() }
            wasSmall = byte.isLowerCaseLetter
            hash = Self.hash(hash, adding: byte.smallLetter)
            letters += 1
        }
        take()
        return found
    }
}
