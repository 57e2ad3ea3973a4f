/// Why nothing was recorded, and therefore nothing may be forwarded.
package enum RecorderError: Error, Sendable, Equatable {
    /// `auditBufferBytes` are used by records the sink has not acknowledged.
    case spoolFull
    /// The disk or its quota is full; noticed when a segment is made, never later.
    case noSpace
    /// A record of more than ``Record/maximumLength`` bytes, or of more than a segment holds.
    case recordTooLong
    /// Another process uses the folder.
    case folderInUse(String)
    /// The folder's records belong to another gateway name or key.
    case otherGateway(String)
    /// The log ends before what the sink has acknowledged: records were removed.
    case truncated(acknowledged: UInt64, found: UInt64)
    /// A segment that was finished is not whole.
    case damaged(file: String)
    /// - Parameter errno: of the system call.
    case system(call: String, file: String, errno: Int32)
    /// The key could not sign.
    case signing
}

extension RecorderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .spoolFull:
            "the audit spool is full: check that the sink is reachable, or raise auditBufferBytes"
        case .noSpace: "no disk space for the audit spool: free some, or lower auditBufferBytes"
        case .recordTooLong: "an audit record is longer than \(Record.maximumLength) bytes"
        case .folderInUse(let folder): "\(folder) is in use by another gateway: give each its own folder"
        case .otherGateway(let detail):
            "the audit log belongs to another gateway (\(detail)): give each its own folder, and keep its key"
        case .truncated(let acknowledged, let found):
            """
            the audit log ends at record \(found), but the sink has acknowledged \(acknowledged): records were \
            removed; keep the folder as evidence and start with an empty one under another gateway name
            """
        case .damaged(let file): "\(file) is damaged: keep it as evidence; see weirctl verify"
        case .system(let call, let file, let errno): "\(call) of \(file) failed: errno \(errno)"
        case .signing: "the gateway's key could not sign"
        }
    }
}
