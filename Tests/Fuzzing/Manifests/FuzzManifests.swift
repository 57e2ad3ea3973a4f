import API
import Manifests

/// libFuzzer's entry: any bytes are a set of manifests or faults, each with a place and a message.
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
