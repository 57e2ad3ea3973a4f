package import API

/// Finds identifiers in texts: grammars, check digits, and words beside a value.
///
/// One pass; each byte is looked at a bounded number of times, whatever the text.
package struct IdentifierScanner: Sendable {
    let kinds: IdentifierKinds

    package init(kinds: some Sequence<IdentifierKind>) {
        self.init(IdentifierKinds(kinds))
    }

    init(_ kinds: IdentifierKinds) {
        self.kinds = kinds
    }

    /// The identifiers of a text or a JSON document in UTF-8, in their order, without overlaps.
    package func findings(in text: Span<UInt8>) -> [Finding] {
        if let document = JSONScan.findings(in: text, kinds: kinds) { return document }
        return findings(inPlain: text, escapes: .none)
    }

    func findings(
        inPlain text: Span<UInt8>, _ range: Range<Int>? = nil, escapes: MappedText.Escapes,
        context: Label? = nil
    ) -> [Finding] {
        let mapped = MappedText(text, range ?? 0..<text.count, escapes: escapes)
        var scan = TextScan(mapped, kinds: kinds)
        scan.run(under: context)
        return scan.findings.list.map { finding in
            Finding(kind: finding.kind, range: mapped.source(of: finding.range))
        }
    }
}

/// One pass over one text.
struct TextScan {
    let text: [UInt8]
    let count: Int
    let kinds: IdentifierKinds
    let lexicon: Lexicon
    var findings = Findings()
    var index = 0

    /// The label whose value may follow, and where it ends.
    var label: Label?
    var labelEnd = 0
    /// Words between the label and here.
    private var fillerCount = 0
    /// Where the current phrase is in the lexicon's tree.
    var phraseNode: UInt16 = 0
    private var phraseEnd = 0

    /// Where the current run of capitalized words begins and its last word ends.
    var capitalsStart = 0
    var capitalsEnd = -1
    /// The run before it.
    var previousCapitals = 0..<0
    /// The last word.
    var lastWord = Lexicon.Word()
    var lastWordStart = 0
    var lastWordEnd = -1
    /// The last number of one or two digits.
    var lastNumberStart = 0
    var lastNumberEnd = -1

    /// Most bytes between a label and its value; ours.
    static let labelReach = 40
    /// Most words between a label and its value; ours.
    static let fillerLimit = 3

    /// Longest word that a dot may shorten: "acct.", "tel.".
    private static let abbreviationLimit = 4

    init(_ mapped: MappedText, kinds: IdentifierKinds) {
        text = mapped.bytes
        count = mapped.count
        self.kinds = kinds
        lexicon = .standard
    }

    mutating func run(under context: Label?) {
        if let context, coverValue(0..<count, under: context) { return }
        if let table = DelimitedTable(text, count: count, lexicon: lexicon) {
            run(over: table)
        } else {
            run(to: count)
        }
    }

    /// Scans up to `end`, where labels lose their hold.
    mutating func run(to end: Int) {
        while index < end {
            let byte = text[index]
            if byte.isNameLetter {
                readWord()
            } else if byte.isDigit {
                readNumber()
            } else {
                readPunctuation(byte)
            }
        }
        label = nil
        phraseNode = 0
    }

    // MARK: - Tokens

    private mutating func readPunctuation(_ byte: UInt8) {
        let start = index
        index += 1
        switch byte {
        case UInt8(ascii: " "): return
        case UInt8(ascii: "@"): if findEmail(at: start) { return }
        case UInt8(ascii: ":"): if findURL(colonAt: start) || findNetwork(at: start) { return }
        case UInt8(ascii: "("), UInt8(ascii: "+"):
            if findPhone(at: start) || findDevice(parenthesisAt: start) { return }
        case UInt8(ascii: "#"):
            follow(Lexicon.hash(Lexicon.hashSeed, adding: byte), endingAt: index)
            return
        default: break
        }
        // A label holds over these only, and over one line end.
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "\t"),
            UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "|"), UInt8(ascii: "\\"),
            UInt8(ascii: "_"), UInt8(ascii: "\r"), UInt8(ascii: "/"):
            break
        case UInt8(ascii: "."):
            // The end of a sentence, but not of an abbreviation.
            if text[index] <= 0x20, start - lastWordStart > Self.abbreviationLimit { label = nil }
        case UInt8(ascii: "\n"):
            if index < count, text[index] == UInt8(ascii: "\n") { label = nil }
        case UInt8(ascii: "<"):
            // `</mrn>` names what was before it.
            label = nil
            if text[index] == UInt8(ascii: "/") {
                while index < count, text[index] != UInt8(ascii: ">"), text[index] != UInt8(ascii: "\n") {
                    index += 1
                }
            }
        default: label = nil
        }
    }

    private mutating func readWord() {
        let start = index
        if start - labelEnd > Self.labelReach { label = nil }
        if let label, coverLabelled(at: start, label) { return }
        var end = start
        var hash = Lexicon.hashSeed
        // A small letter before a capital ends a word: `patientName`.
        while text[end].isNameLetter, end == start || !(text[end].isCapital && text[end - 1].isSmall) {
            hash = Lexicon.hash(hash, adding: text[end].smallLetter)
            end += 1
        }
        let hasDigit = text[end].isDigit
        if findURL(wordAt: start, endingAt: end) { return }
        if hasDigit || text[end] == UInt8(ascii: ":") || text[end] == UInt8(ascii: "-") {
            if findCode(at: start) || findNetwork(at: start) { return }
        }
        let word = lexicon.word(hash)
        index = end
        if kinds.contains(.photo), findImageFile(wordAt: start, endingAt: end) { return }
        if word.traits.contains(.month), findDate(monthAt: start, endingAt: end) { return }
        noteCapitals(start, end)
        if findAddress(at: start, endingAt: end) { return }
        if findName(word, at: start, endingAt: end) { return }
        if hasDigit {
            // Letters and digits that are no code: the digits are not a number of their own.
            while text[index].isNameLetter || text[index].isDigit { index += 1 }
            label = nil
            lastWordEnd = -1
            return
        }
        follow(hash, endingAt: end)
        lastWord = word
        lastWordStart = start
        lastWordEnd = end
    }

    /// Takes the next word of a phrase that may be a label.
    private mutating func follow(_ hash: UInt64, endingAt end: Int) {
        let word = lexicon.word(hash)
        let start = phraseNode != 0 && isPhraseGap(phraseEnd, index) ? phraseNode : 0
        var continuesPhrase = false
        phraseNode = 0
        if word.phraseWord != 0 {
            if start != 0, let node = lexicon.next(start, word.phraseWord) {
                phraseNode = node
                continuesPhrase = true
            } else if let node = lexicon.next(0, word.phraseWord) {
                phraseNode = node
            }
            phraseEnd = end
            if phraseNode != 0, let found = lexicon.label(at: phraseNode) {
                setLabel(found, endingAt: end)
                return
            }
        }
        guard label != nil else { return }
        fillerCount += 1
        if !word.traits.contains(.filler) && !continuesPhrase || fillerCount > Self.fillerLimit {
            label = nil
        }
    }

    private mutating func setLabel(_ found: Label, endingAt end: Int) {
        // "20 ms": titles of few letters begin with a capital.
        if found == .title, isShortTitle(endingAt: end) { return }
        // "phone number of the patient", "MRN from" are still about the number.
        if let label, label.isOfCode || label == .phone || label == .fax,
            found == .dateWord || fillerCount > 0 && (found == .name || found == .person)
        {
            fillerCount += 1
            return
        }
        label = found
        labelEnd = end
        fillerCount = 0
    }

    /// Two letters, or three with an M first, in small letters.
    private func isShortTitle(endingAt end: Int) -> Bool {
        var start = end
        while start > 0, text[start - 1].isNameLetter, end - start < 4 { start -= 1 }
        return !text[start].isCapital
            && (end - start == 2 || end - start == 3 && text[start] == UInt8(ascii: "m"))
    }

    /// Words of a phrase stand apart by what separates words, one line end included.
    private func isPhraseGap(_ start: Int, _ wordEnd: Int) -> Bool {
        var gap = start
        var lineEnds = 0
        while gap < wordEnd, gap - start < 6 {
            switch text[gap] {
            case UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "/"),
                UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: "\t"):
                break
            case UInt8(ascii: "\n"):
                lineEnds += 1
                if lineEnds > 1 { return false }
            case let byte: return byte.isNameLetter || byte == UInt8(ascii: "#")
            }
            gap += 1
        }
        return gap - start < 6
    }

    /// The length of a run of capitalized words tells where a city or a name before a credential starts.
    private mutating func noteCapitals(_ start: Int, _ end: Int) {
        guard text[start].isCapital else { return }
        let isNext =
            capitalsEnd >= 0
            && (start == capitalsEnd + 1 && (text[capitalsEnd] == 0x20 || text[capitalsEnd] == 0x2d)
                || start == capitalsEnd || start == capitalsEnd + 2 && text[capitalsEnd] == 0x2e)
        if !isNext {
            if capitalsEnd > capitalsStart { previousCapitals = capitalsStart..<capitalsEnd }
            capitalsStart = start
        }
        capitalsEnd = end
    }

    // MARK: - Findings

    mutating func find(_ kind: IdentifierKind, _ range: Range<Int>) -> Bool {
        guard kinds.contains(kind) else { return false }
        findings.add(kind, range)
        index = max(index, range.upperBound)
        label = nil
        phraseNode = 0
        lastNumberEnd = -1
        return true
    }
}

extension UInt8 {
    /// A letter of ``MappedText``.
    var isNameLetter: Bool { (self | 0x20).isLowerCaseLetter || self == MappedText.letter }
    var isCapital: Bool { isUpperCaseLetter || self == MappedText.letter }
    var isSmall: Bool { isLowerCaseLetter || self == MappedText.letter }
    var isWordByte: Bool { isNameLetter || isDigit }
    var smallLetter: UInt8 { isUpperCaseLetter ? self | 0x20 : self }
}
