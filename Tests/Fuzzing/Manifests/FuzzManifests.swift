import API
import Manifests

/// Called by libFuzzer for each input: any bytes are a set of manifests, or faults that say something.
///
///     FUZZ=1 swift build -c release --product fuzz-manifests --sanitize fuzzer --sanitize address \
///         -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp
///     SWIFT_BACKTRACE=enable=no .build/release/fuzz-manifests -max_total_time=240 -max_len=4096 corpus
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzManifests(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        let files = [ManifestFile(path: "f.yaml", bytes: bytes)]
        let set = try ManifestSet.read(files)
        precondition(set.revision == (try? ManifestSet.read(files))?.revision, "reading is not deterministic")
    } catch {
        precondition(!error.faults.isEmpty && error.faults.allSatisfy { !$0.message.isEmpty })
    }
    return 0
}
