/// Well-formed UTF-8 (Unicode, table 3-7).
enum UTF8Character {
    /// Length in bytes of the character of two to four bytes that starts at `index`; 0 when it is ill-formed.
    static func length(at index: Int, in text: Span<UInt8>, end: Int) -> Int {
        let lead = text[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: length = 4
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return 0
        }
        guard index + length <= end, second.contains(text[index + 1]) else { return 0 }
        for next in index + 2..<index + length where text[next] & 0xc0 != 0x80 { return 0 }
        return length
    }
}
