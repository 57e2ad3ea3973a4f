import WireProtocolsFuzzing

/// Called by libFuzzer for each input: the first byte chooses what reads the others.
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
