/// Words the scanner knows, found by the hash of their small letters.
struct Lexicon: Sendable {
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt16

        static let month = Self(rawValue: 1)
        static let givenName = Self(rawValue: 1 << 1)
        /// Also an everyday word: only a name before a surname.
        static let ambiguousName = Self(rawValue: 1 << 2)
        static let streetSuffix = Self(rawValue: 1 << 3)
        static let unit = Self(rawValue: 1 << 4)
        static let state = Self(rawValue: 1 << 5)
        static let credential = Self(rawValue: 1 << 6)
        /// Part of a name in small letters: "van", "de".
        static let particle = Self(rawValue: 1 << 7)
        /// May stand between a label and its value.
        static let filler = Self(rawValue: 1 << 8)
        /// Begins sentences, follows names in capitals: no part of a name.
        static let common = Self(rawValue: 1 << 9)
        static let years = Self(rawValue: 1 << 10)
    }

    struct Word: Sendable {
        var traits: Traits = []
        /// Its number in the phrases of labels; 0 for none.
        var phraseWord: UInt16 = 0
    }

    /// FNV-1a (64 bits), byte by byte.
    static let hashSeed: UInt64 = 0xcbf2_9ce4_8422_2325

    static func hash(_ hash: UInt64, adding byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    static func hash(of word: String) -> UInt64 {
        word.utf8.reduce(hashSeed) { hash($0, adding: $1) }
    }

    static let standard = Lexicon()

    /// A power of two, at most half filled.
    private static let slotCount = 4096
    private var keys = [UInt64](repeating: 0, count: slotCount)
    private var words = [Word](repeating: Word(), count: slotCount)

    /// Phrases as a tree: (node, word) to node. Node 0 is the root.
    private var edges: [UInt32: UInt16] = [:]
    private var labels: [Label?] = [nil]
    private var phraseWords: [String: UInt16] = [:]

    private init() {
        for (traits, list) in Vocabulary.lists {
            for word in list.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                self[add: Self.hash(of: String(word))].traits.formUnion(traits)
            }
        }
        for word in Label.fillers { self[add: Self.hash(of: word)].traits.formUnion(.filler) }
        for (label, phrases) in Label.vocabulary {
            for phrase in phrases { add(phrase, label) }
        }
        for (word, meaning) in Label.synonyms {
            self[add: Self.hash(of: word)].phraseWord = number(of: meaning)
            if Label.fillers.contains(meaning) { self[add: Self.hash(of: word)].traits.formUnion(.filler) }
        }
    }

    func word(_ hash: UInt64) -> Word {
        var slot = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
        while keys[slot] != 0 {
            if keys[slot] == hash { return words[slot] }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        return Word()
    }

    /// The node a phrase goes to with its next word; `nil` where no phrase goes on so.
    func next(_ node: UInt16, _ word: UInt16) -> UInt16? {
        edges[UInt32(node) << 16 | UInt32(word)]
    }

    func label(at node: UInt16) -> Label? { labels[Int(node)] }

    private subscript(add hash: UInt64) -> Word {
        get { word(hash) }
        set {
            var slot = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
            while keys[slot] != 0, keys[slot] != hash { slot = (slot + 1) & (Self.slotCount - 1) }
            keys[slot] = hash
            words[slot] = newValue
        }
    }

    private mutating func number(of word: String) -> UInt16 {
        if let number = phraseWords[word] { return number }
        let number = UInt16(phraseWords.count + 1)
        phraseWords[word] = number
        self[add: Self.hash(of: word)].phraseWord = number
        return number
    }

    private mutating func add(_ phrase: String, _ label: Label) {
        var node: UInt16 = 0
        for part in phrase.split(separator: " ") {
            let word = number(of: Label.synonyms[String(part)] ?? String(part))
            let edge = UInt32(node) << 16 | UInt32(word)
            if let next = edges[edge] {
                node = next
            } else {
                node = UInt16(labels.count)
                edges[edge] = node
                labels.append(nil)
            }
        }
        labels[Int(node)] = labels[Int(node)] ?? label
    }
}
