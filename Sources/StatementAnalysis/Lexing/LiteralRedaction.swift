import CPgQuery

/// Statement texts without the values in them.
package enum LiteralRedaction {
    /// What stands for a text whose values cannot be told apart.
    package static let unreadable = Array("/* statement withheld */".utf8)

    /// The text with each literal replaced by a parameter (`$1`), as `pg_stat_statements` shows it. Comments go too.
    ///
    /// A text that does not parse, or is beyond a limit, becomes ``unreadable``: nothing of it is kept.
    package static func redact(_ text: [UInt8]) -> [UInt8] {
        // The normaliser walks the tree on the caller's stack: long texts are not given to it.
        guard text.count <= StatementLimits.maximumTextLengthOnCallersStack, !text.contains(0),
            String(validating: text, as: UTF8.self) != nil
        else { return unreadable }
        return unsafe (text + [0]).withUnsafeBytes { bytes in
            guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return unreadable }
            let result = unsafe pg_query_normalize(start)
            defer { unsafe pg_query_free_normalize_result(result) }
            guard unsafe result.error == nil, let normalized = unsafe result.normalized_query else {
                return unreadable
            }
            return Array(unsafe String(cString: normalized).utf8)
        }
    }
}
