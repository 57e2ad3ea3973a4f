import WireProtocolsFuzzing

/// Called by libFuzzer for each input: the first byte chooses what reads the others.
///
///     FUZZ=1 swift build -c release --product fuzz-wire-protocols --sanitize fuzzer --sanitize address \
///         -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp
///     SWIFT_BACKTRACE=enable=no .build/release/fuzz-wire-protocols -max_total_time=240 -max_len=4096 corpus
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let bodies = BodyExercise.allCases
    let streams = StreamExercise.allCases
    let index = Int(choice) % (bodies.count + streams.count)
    do {
        if index < bodies.count {
            _ = try bodies[index].accepts(bytes)
        } else {
            try streams[index - bodies.count].run(bytes)
        }
    } catch {
        fatalError("\(error)")
    }
    return 0
}
