import StatementAnalysisFuzzing

private let exercise = AnalysisExercise()

/// Called by libFuzzer for each input, a query string.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try exercise.run(input)
    } catch {
        fatalError("\(error)")
    }
    return 0
}
