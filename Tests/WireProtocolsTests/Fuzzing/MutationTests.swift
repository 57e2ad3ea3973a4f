import SeededRandomness
import Testing
import WireProtocolsFuzzing

@testable import WireProtocols

/// Hostile bytes, the same on each run: well-formed messages, and what a few changed bytes make of them.
struct MutationTests {
    @Test(arguments: BodyExercise.allCases)
    func `what is accepted of mutated bodies is what would have been written`(exercise: BodyExercise) throws {
        let seeds = try Seeds.bodies(for: exercise)
        for seed in seeds { #expect(try exercise.accepts(seed)) }
        var mutator = Mutator(seed: 1)
        for round in 0..<4_000 {
            _ = try exercise.accepts(mutator.mutate(seeds[round % seeds.count]))
        }
    }

    @Test(arguments: StreamExercise.allCases)
    func `how mutated streams are cut does not matter`(exercise: StreamExercise) throws {
        let seeds = Seeds.streams(for: exercise)
        for seed in seeds { try exercise.run(seed) }
        var mutator = Mutator(seed: 2)
        for round in 0..<500 {
            try exercise.run(mutator.mutate(seeds[round % seeds.count]))
        }
    }
}

/// Changes a few bytes, lengths and counts; the same for the same seed.
struct Mutator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 3) {
            let offset = number(below: bytes.count + 1)
            switch number(below: 6) {
            case 0 where offset < bytes.count: bytes[offset] = UInt8(number(below: 256))
            case 1 where offset < bytes.count: bytes[offset] = [0, 1, 0x7f, 0x80, 0xff][number(below: 5)]
            case 2: bytes.insert(UInt8(number(below: 256)), at: offset)
            case 3 where offset < bytes.count: bytes.remove(at: offset)
            case 4: bytes.removeLast(bytes.count - offset)
            default:
                bytes.replaceSubrange(offset..<offset, with: bytes.suffix(bytes.count - offset).prefix(8))
            }
        }
        return bytes
    }

    private mutating func number(below limit: Int) -> Int {
        Int(generator.next() % UInt64(limit))
    }
}
