/// What a server must be, or let its sessions do, to be the one wanted: libpq's `target_session_attrs`.
package enum SessionAttributes: Equatable, Sendable {
    case any
    /// Transactions may write unless they say otherwise.
    case readWrite
    case readOnly
    case primary
    case standby

    /// Whether parameters that a server reports of its own accord show it; `nil` when they do not tell, as
    /// before PostgreSQL 14.
    func isMet(by parameters: [StartupMessage.Parameter]) -> Bool? {
        func isOn(_ name: String) -> Bool? {
            parameters.last { $0.name.elementsEqual(name.utf8) }.map { $0.value.elementsEqual("on".utf8) }
        }
        let isStandby = isOn("in_hot_standby")
        switch self {
        case .any: return true
        case .primary: return isStandby.map { !$0 }
        case .standby: return isStandby
        case .readWrite, .readOnly:
            guard let isStandby, let isReadOnly = isOn("default_transaction_read_only") else { return nil }
            return (isStandby || isReadOnly) == (self == .readOnly)
        }
    }

    /// What to ask a server that does not tell; its answer is one value.
    var question: String {
        switch self {
        case .any, .readWrite, .readOnly: "SHOW transaction_read_only"
        case .primary, .standby: "SELECT pg_catalog.pg_is_in_recovery()"
        }
    }

    func isMet(byAnswer answer: [UInt8]) -> Bool {
        switch self {
        case .any: true
        case .readWrite: answer.elementsEqual("off".utf8)
        case .readOnly: answer.elementsEqual("on".utf8)
        case .primary: answer.elementsEqual("f".utf8)
        case .standby: answer.elementsEqual("t".utf8)
        }
    }
}
