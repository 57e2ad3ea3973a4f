import API
import Audit

/// A session's records, with each statement beside what came of it.
struct Transcript {
    struct Statement {
        let time: Timestamp
        let intent: StatementIntent
        var outcome: StatementOutcome?

        /// One phrase: what the client got.
        var result: String {
            if intent.verdict == .refuse { return "refused" }
            guard let outcome else { return "no outcome recorded" }
            if !outcome.sqlState.isEmpty { return "error \(outcome.sqlState)" }
            return String(decoding: outcome.tag, as: UTF8.self)
        }
    }

    private(set) var statements: [Statement] = []

    init(_ records: [Record]) {
        // An execution's intent and its outcome have one number; so has the intent of the Parse before it.
        for record in records {
            switch record.content {
            case .event(.statement(let intent)):
                statements.append(Statement(time: record.time, intent: intent))
            case .event(.outcome(let outcome)):
                let place = statements.lastIndex { $0.intent.number == outcome.number && $0.outcome == nil }
                if let place { statements[place].outcome = outcome }
            case .event, .segment, .head, .sink, .other: break
            }
        }
    }
}
