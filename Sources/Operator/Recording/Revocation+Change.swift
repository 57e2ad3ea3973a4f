import Identity
import Kubernetes

/// What the audit log tells of revocations, a line each.
extension Revocation {
    var change: String {
        var line = "\(target.name) revoked by \(author)"
        if let issuedBefore { line += ", of what was issued before \(Self.time(issuedBefore))" }
        if let until { line += ", until \(Self.time(until))" }
        return reason.isEmpty ? line : line + ": \(reason)"
    }

    private static func time(_ seconds: Int64) -> String {
        let (microseconds, isTooLate) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return isTooLate ? "\(seconds)" : Timestamp(microseconds: microseconds).time
    }
}

extension Revocation.Target {
    /// What was revoked of it is taken back; a subject is vouched for, too.
    func restoration(by author: String) -> String { "\(name) restored by \(author)" }

    fileprivate var name: String {
        switch self {
        case .subject(let name): "identity \(name)"
        case .token(let id): "token \(id)"
        case .issuer(let name): "issuer \(name)"
        case .everyone: "everyone"
        }
    }
}
