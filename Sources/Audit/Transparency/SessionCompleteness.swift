import API

/// Whether what is there of each session is all of it: its statements are numbered from 1 on, and its end tells
/// how many there were.
struct SessionCompleteness {
    private struct Session {
        var numbers: Set<UInt64> = []
        var greatest: UInt64 = 0
        var statementCount: UInt64?
        var hasStarted = false
    }

    private var sessions: [SessionID: Session] = [:]

    /// Takes a record whose place in the tree is proven.
    mutating func receive(_ record: Record) {
        guard record.session != .gateway, case .event(let body) = record.content else { return }
        switch body {
        case .sessionStarted: sessions[record.session, default: Session()].hasStarted = true
        case .statement(let intent): note(intent.number, in: record.session)
        case .outcome(let outcome):
            sessions[record.session, default: Session()].greatest.formMaximum(outcome.number)
        case .sessionEnded(let end):
            sessions[record.session, default: Session()].statementCount = end.statements
        case .gatewayStarted, .configurationApplied, .databaseRole, .sessionRefused, .approval, .onBehalfOf:
            break
        }
    }

    private mutating func note(_ number: UInt64, in session: SessionID) {
        sessions[session, default: Session()].numbers.insert(number)
        sessions[session, default: Session()].greatest.formMaximum(number)
    }

    /// Statements that must have been there, and a session's beginning.
    var findings: [Finding] {
        sessions.sorted { $0.key.description < $1.key.description }.flatMap { id, session in
            var findings: [Finding] = []
            if !session.hasStarted {
                findings.append(Finding(.removed, sequence: 0, "session \(id) has no beginning"))
            }
            let count = max(session.greatest, session.statementCount ?? 0)
            if UInt64(session.numbers.count) < count {
                let missing = count - UInt64(session.numbers.count)
                findings.append(
                    Finding(
                        .removed, sequence: 0, "session \(id) lacks \(missing) of its \(count) statements"))
            }
            return findings
        }
    }
}

extension UInt64 {
    fileprivate mutating func formMaximum(_ other: Self) {
        self = Swift.max(self, other)
    }
}
