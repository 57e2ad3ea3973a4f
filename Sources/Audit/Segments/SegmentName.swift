/// `events-00000000000000000001.jsonl`: the sequence number of the first record, 20 digits, so that names sort
/// as the records do.
package enum SegmentName {
    private static let prefix = "events-"
    private static let suffix = ".jsonl"

    package static func of(firstSequence: UInt64) -> String {
        let digits = String(firstSequence)
        return prefix + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    /// - Returns: the first sequence number; `nil` for files of other names.
    package static func firstSequence(of name: String) -> UInt64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
        guard digits.utf8.count == 20, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt64(digits)
    }
}
