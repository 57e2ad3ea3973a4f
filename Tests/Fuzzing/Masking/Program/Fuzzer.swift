import MaskingFuzzing

/// Called by libFuzzer for each input: the first byte chooses what masks the others.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let exercises = MaskingExercise.allCases
    do {
        try exercises[Int(choice) % exercises.count].run(Array(input.dropFirst()))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
