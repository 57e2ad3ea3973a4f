import Audit

/// Called by libFuzzer for each input: any bytes may stand in a log, a bundle, a note or a key.
///
///     FUZZ=1 swift build -c release --product fuzz-audit --sanitize fuzzer --sanitize address \
///         -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp
///     SWIFT_BACKTRACE=enable=no .build/release/fuzz-audit -max_total_time=240 -max_len=8192 corpus
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzAudit(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let decoder = try? RecordDecoder(bytes) {
        _ = try? decoder.record()
        _ = decoder.hash(after: .zero)
    }
    var chain = ChainVerifier()
    for line in bytes.split(separator: UInt8(ascii: "\n")) { chain.receive(Array(line)) }
    let report = chain.finish(lastKnown: 1)
    precondition(report.unsignedCount <= report.lastSequence)
    _ = try? EvidenceBundle.Entry(line: bytes)
    if var bundle = try? BundleVerifier(header: bytes) {
        bundle.receive(bytes)
        precondition(!bundle.finish().isIntact, "a header is no entry")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let note = SignedNote(text) { precondition(SignedNote(note.note) == note) }
    if let key = VerifierKey(text) { precondition(VerifierKey(key.text)?.text == key.text) }
    if let checkpoint = Checkpoint(text: text) { precondition(text.hasPrefix(checkpoint.text)) }
    if let time = Timestamp(text) { precondition(time.text == text) }
    return 0
}
