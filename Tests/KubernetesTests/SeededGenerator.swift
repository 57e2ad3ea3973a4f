import Kubernetes

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension JSON {
    /// A small value of few names, so that two of them have much in common.
    static func random(using generator: inout SeededGenerator, depth: Int = 3) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 4), using: &generator) {
        case 0: return .null
        case 1: return .integer(.random(in: 0..<3, using: &generator))
        case 2: return .string(["", "a", "é", "\u{1}\"\\"].randomElement(using: &generator) ?? "")
        case 3: return .bool(.random(using: &generator))
        case 4, 5:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in random(using: &generator, depth: depth - 1) })
        default:
            var value: JSON = [:]
            for name in ["name", "a", "b/~", "c"] where Bool.random(using: &generator) {
                value[name] = random(using: &generator, depth: depth - 1)
            }
            return value
        }
    }
}
