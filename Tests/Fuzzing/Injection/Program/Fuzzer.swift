import InjectionFuzzing

/// Called by libFuzzer for each input: the first byte chooses how, the others are a pod or what one is made of.
///
///     FUZZ=1 swift build -c release --product fuzz-injection --sanitize fuzzer --sanitize address \
///         -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp
///     SWIFT_BACKTRACE=enable=no .build/release/fuzz-injection -max_total_time=240 -max_len=4096 corpus
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do { try exercise.run(input) } catch { fatalError("\(error)") }
    return 0
}

private let exercise = InjectionExercise()
