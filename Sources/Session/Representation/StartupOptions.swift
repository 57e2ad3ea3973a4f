/// The start-up parameter `options`, split as the server does (`pg_split_opts`): words between white space, in which a
/// backslash makes the next byte one of the word.
struct StartupOptions {
    private var words: [[UInt8]] = []

    /// - Returns: `nil` for options without words.
    init?(_ options: [UInt8]) {
        var word: [UInt8]?
        var isEscaped = false
        for byte in options {
            if isEscaped {
                word = (word ?? []) + [byte]
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                word = word ?? []
            } else if Self.isSpace(byte) {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? []) + [byte]
            }
        }
        if let word { words.append(word) }
        if words.isEmpty { return nil }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Removes what gives `weir.on_behalf_of` a value: `-c name=value`, `-cname=value` or `--name=value`.
    /// - Returns: the last such value, as the server would take it.
    mutating func removeOnBehalfOf() -> [UInt8]? {
        var value: [UInt8]?
        var kept: [[UInt8]] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            let isSwitch = word.elementsEqual("-c".utf8)
            var taken = [word]
            var assignment: ArraySlice<UInt8> = []
            if isSwitch, index + 1 < words.count {
                taken.append(words[index + 1])
                assignment = words[index + 1][...]
            } else if word.starts(with: "--".utf8) || word.starts(with: "-c".utf8) {
                assignment = word.dropFirst(2)
            }
            index += taken.count
            let sign = assignment.firstIndex(of: UInt8(ascii: "=")) ?? assignment.endIndex
            if sign < assignment.endIndex, Self.isSetting(assignment[..<sign]) {
                value = Array(assignment[(sign + 1)...])
            } else {
                kept += taken
            }
        }
        words = kept
        return value
    }

    /// Whether something of it names the setting in any other way: switches may stand in one word, as in `-ec`, and
    /// which of them take the next word is the server's to know.
    var namesOnBehalfOf: Bool {
        words.contains { word in
            let text = Self.underscored(word[...])
            return OnBehalfOf.isNamed(in: text.span)
        }
    }

    private static func isSetting(_ name: ArraySlice<UInt8>) -> Bool {
        OnBehalfOf.isSetting(underscored(name))
    }

    /// A `-` stands for `_` (`ParseLongOption`).
    private static func underscored(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    var bytes: [UInt8] {
        let escaped = words.map { word in
            word.flatMap { Self.isSpace($0) || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
        }
        return Array(escaped.joined(separator: [0x20]))
    }
}
