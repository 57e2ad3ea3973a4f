import MaskingFuzzing
import SeededRandomness
import Testing

/// The fuzzer's exercises on seeded inputs: a short run of what `FUZZ=1` does for hours.
struct FuzzingTests {
    @Test(arguments: MaskingExercise.allCases)
    func `nothing traps and nothing of what must be so is broken`(exercise: MaskingExercise) throws {
        var random = SeededGenerator(seed: 24)
        // What means something to some format or type.
        let pieces: [[UInt8]] = [
            Array("1980-05-17".utf8), Array(" 10:11:12.5+02".utf8), Array("\\x00ff".utf8), Array("\\N".utf8),
            Array("é中🙂".utf8), [0, 0, 0, 4], [0, 3], [0xff, 0xff, 0xff, 0xff], [0x22], [0x27], [0x5c], [0x2c],
            [0x0a],
            Array("{\"ssn\": ".utf8), Array("}".utf8), Array("[\"".utf8), Array("\"]".utf8),
            Array("MRN: 12345 ".utf8),
            Array("Dr. Lee ".utf8), Array("\\u0031".utf8), Array("12 Main St, ".utf8),
            Array("a@example.org".utf8),
            Array("4111 1111 1111 1111".utf8), Array("May 17, ".utf8), Array("::1".utf8),
            Array("http://".utf8),
            Array("123-45-6789".utf8), Array("f47ac10b-58cc-4372-a567-0e02b2c3d479".utf8), [0xff],
        ]
        for _ in 0..<3_000 {
            var input = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                input += pieces.randomElement(using: &random) ?? []
                if Bool.random(using: &random) { input.append(.random(in: 0...255, using: &random)) }
            }
            try exercise.run(input)
        }
    }
}
