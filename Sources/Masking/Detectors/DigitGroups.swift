/// Runs of digits one after another, as numbers are written in groups: `123-45-6789`, `4111 1111 1111 1111`.
struct DigitGroups {
    /// Most groups read at once; ours: a card has five at most.
    private static let limit = 8
    /// Longest run that is told apart, in digits.
    private static let longestRun = 15

    private(set) var count = 0
    private var starts = InlineArray<8, Int>(repeating: 0)
    private var ends = InlineArray<8, Int>(repeating: 0)
    /// What is between a group and the next: a hyphen, a dot, a slash or a space.
    private var separators = InlineArray<8, UInt8>(repeating: 0)
    /// The length of each run in four bits, the first highest of `count` ones.
    private var lengths: UInt64 = 0

    /// Reads the groups from a digit on.
    init(_ text: [UInt8], from start: Int) {
        var at = start
        while count < Self.limit {
            let first = at
            while text[at].isDigit { at += 1 }
            starts[count] = first
            ends[count] = at
            lengths = lengths << 4 | UInt64(min(at - first, Self.longestRun))
            count += 1
            var next = at
            var mark: UInt8 = UInt8(ascii: " ")
            separators: while next - at < 3 {
                switch text[next] {
                case UInt8(ascii: " "): break
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"):
                    guard mark == UInt8(ascii: " ") else { return }
                    mark = text[next]
                default: break separators
                }
                next += 1
            }
            guard next > at, text[next].isDigit, mark != UInt8(ascii: ".") || next == at + 1 else { return }
            separators[count - 1] = mark
            at = next
        }
    }

    func start(_ group: Int) -> Int { starts[group] }
    func end(_ group: Int) -> Int { ends[group] }
    func length(_ group: Int) -> Int { ends[group] - starts[group] }
    func separator(after group: Int) -> UInt8 { group < count - 1 ? separators[group] : 0 }

    /// The lengths of the first `groups` runs, a hexadecimal digit each: `0x324` for `123-45-6789`.
    func shape(_ groups: Int) -> UInt64 {
        groups <= count ? lengths >> UInt64(4 * (count - groups)) : 0
    }

    /// A number is not over where a further group follows without a space.
    func isWhole(_ groups: Int) -> Bool {
        groups == count || separators[groups - 1] == UInt8(ascii: " ")
    }
}
