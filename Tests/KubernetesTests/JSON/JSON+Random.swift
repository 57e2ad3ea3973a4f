import Kubernetes
import SeededRandomness

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
