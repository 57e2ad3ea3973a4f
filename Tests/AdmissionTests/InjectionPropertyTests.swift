import InjectionFuzzing
import Kubernetes
import Testing

struct InjectionPropertyTests {
    private let exercise = InjectionExercise()

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `whatever a pod is, injection changes what is its own, once`(seed: UInt64) throws {
        var state = seed
        var injected = 0
        for _ in 0..<300 {
            let choices = (0..<240).map { _ -> UInt8 in
                // SplitMix64.
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: word ^ (word >> 31))
            }
            var maker = PodMaker(choices: choices)
            let pod = maker.pod()
            for native in [true, false] { try exercise.check(pod, native: native) }
            if exercise.isInjected(pod) { injected += 1 }
        }
        // The pods are odd, and still pods.
        #expect(injected > 30, "\(injected) of 300")
    }

    @Test(arguments: ["", "\u{0}", "\u{1}{", "\u{1}{}", "\u{1}[1,2]", "\u{2}null"])
    func `any bytes are a pod or none`(text: String) throws {
        try exercise.run(Array(text.utf8))
    }
}
