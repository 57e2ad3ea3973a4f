import API

/// Names of people.
extension TextScan {
    /// Most words of a name; ours.
    private static let nameLimit = 5

    /// A name that shows by itself: a common given name, or a credential behind capitalized words.
    mutating func findName(_ word: Lexicon.Word, at start: Int, endingAt end: Int) -> Bool {
        guard kinds.contains(.name), text[start].isCapital else { return false }
        if word.traits.contains(.credential), let name = nameBefore(credentialAt: start, endingAt: end) {
            return find(.name, name)
        }
        guard word.traits.contains(.givenName), start == 0 || !text[start - 1].isWordByte else {
            return false
        }
        let nameEnd = nameEnd(from: start)
        if nameEnd > start, let surname = surnameBefore(start) { return find(.name, surname..<nameEnd) }
        // Not the beginning of a user's name: "MARY69".
        guard nameEnd > (word.traits.contains(.ambiguousName) ? end : start) else { return false }
        return find(.name, start..<nameEnd)
    }

    /// The name a label or a title announced.
    mutating func coverName(at start: Int) -> Bool {
        guard text[start].isCapital else { return false }
        let end = nameEnd(from: start, allowsComma: label != .title)
        return end > start && find(.name, start..<end)
    }

    /// "Ann Lee, MD".
    private func nameBefore(credentialAt start: Int, endingAt end: Int) -> Range<Int>? {
        guard end - start >= 2, text[start..<end].allSatisfy(\.isCapital), !text[end].isWordByte,
            previousCapitals.upperBound > previousCapitals.lowerBound,
            !(text[end] == UInt8(ascii: " ") && text[end + 1].isDigit)
        else { return nil }
        let gap = text[previousCapitals.upperBound..<start]
        guard gap.elementsEqual(Array(", ".utf8)) else { return nil }
        let words = text[previousCapitals].split(separator: UInt8(ascii: " "))
        guard (2...Self.nameLimit).contains(words.count), words.allSatisfy({ !isCommon($0) }) else {
            return nil
        }
        return previousCapitals
    }

    private func isCommon(_ word: ArraySlice<UInt8>) -> Bool {
        let hash = word.reduce(Lexicon.hashSeed) { Lexicon.hash($0, adding: $1.smallLetter) }
        return lexicon.word(hash).traits.contains(.common)
    }

    /// "Lee, Ann" and "LEE, ANN": where the surname starts.
    private func surnameBefore(_ start: Int) -> Int? {
        guard lastWordEnd > 0, start == lastWordEnd + 2, text[lastWordEnd] == UInt8(ascii: ","),
            text[lastWordEnd + 1] == UInt8(ascii: " "), text[lastWordStart].isCapital,
            lastWordEnd - lastWordStart > 1, !lastWord.traits.contains(.common), lastWord.phraseWord == 0,
            !lastWord.traits.contains(.month)
        else { return nil }
        return lastWordStart
    }

    /// The end of the capitalized words of a name: particles and hyphens within, initials with their dots.
    private func nameEnd(from start: Int, allowsComma: Bool = false) -> Int {
        var at = start
        var end = start
        var words = 0
        var hasComma = false
        while words < Self.nameLimit {
            let first = at
            var hash = Lexicon.hashSeed
            while text[at].isNameLetter || text[at] == UInt8(ascii: "'") && text[at + 1].isNameLetter {
                hash = Lexicon.hash(hash, adding: text[at].smallLetter)
                at += 1
            }
            guard at > first, !text[at].isDigit else { break }
            let word = lexicon.word(hash)
            let isParticle = word.traits.contains(.particle) && end > start
            if text[first].isCapital {
                guard isNameWord(word, first..<at) else { break }
                end = at
            } else if !isParticle {
                break
            }
            words += 1
            switch text[at] {
            case UInt8(ascii: "."):
                guard at - first <= 2, text[at + 1] == UInt8(ascii: " "), text[at + 2].isNameLetter else {
                    return end
                }
                at += 2
            case UInt8(ascii: " "), UInt8(ascii: "-"): at += 1
            case UInt8(ascii: ","):
                guard allowsComma, !hasComma, text[at + 1] == UInt8(ascii: " "), text[at + 2].isCapital else {
                    return end
                }
                hasComma = true
                at += 2
            default: return end
            }
        }
        return end
    }

    /// Not an everyday word, a credential or the next label.
    private func isNameWord(_ word: Lexicon.Word, _ range: Range<Int>) -> Bool {
        if word.traits.contains(.givenName) || range.count == 1 { return true }
        if word.traits.contains(.common) || word.traits.contains(.month) { return false }
        let isAllCapitals = text[range].allSatisfy(\.isCapital)
        if word.traits.contains(.credential), isAllCapitals { return false }
        guard word.phraseWord != 0, let node = lexicon.next(0, word.phraseWord) else { return true }
        return lexicon.label(at: node) == nil && text[range.upperBound] != UInt8(ascii: ":")
    }

    /// Between a title and a name: spaces and a dot, or a separator.
    func isDirect(before start: Int) -> Bool {
        text[labelEnd..<start].allSatisfy { Array(" .:=\t\"'\\->".utf8).contains($0) }
    }

    /// Something between a label and here says that a value follows: a colon, a tab, a tag.
    func isSeparated(from start: Int) -> Bool {
        text[labelEnd..<start].contains { Array(":=>\t\"|".utf8).contains($0) }
            || text[labelEnd..<start].elementsEqual(Array(" - ".utf8))
    }
}
