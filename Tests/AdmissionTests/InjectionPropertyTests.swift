import InjectionFuzzing
import Kubernetes
import SeededRandomness
import Testing

struct InjectionPropertyTests {
    private let exercise = InjectionExercise()

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `whatever a pod is, injection changes what is its own, once`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var injected = 0
        for _ in 0..<300 {
            let choices = (0..<240).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
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
