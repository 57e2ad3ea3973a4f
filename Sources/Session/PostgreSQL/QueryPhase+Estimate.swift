import Masking
import StatementAnalysis
import WireProtocols

/// What the database expects of a statement, where a rule asks how many rows it will touch.
///
/// The statement is explained, not run, in the session and transaction where it would run, with its own parameters.
/// Planning evaluates functions: only a statement that calls none but harmless ones is explained. Whatever cannot be
/// told counts as any number of rows.
extension QueryPhase {
    /// - Returns: the plan once the estimate has been taken into account; `nil` when the database has to be asked first,
    ///   and the message waits and comes again.
    func estimated(_ plan: Plan, _ statement: @autoclosure () -> LookupState.Explained?) -> Plan? {
        guard plan.wantsEstimate, let statement = statement(), transactionStatus != .failed,
            settings.clientEncoding.kind == .utf8,
            !areSettingsUncertain
        else { return plan }
        switch lookup.estimate {
        case .unasked:
            ask([.estimate(statement)])
            return nil
        case .unknown: return plan
        case .rows(let rows):
            return currentScope().plan(
                key: [], facts: plan.statements.map(\.facts), at: now, estimatedRows: rows)
        }
    }
}

extension LookupState {
    /// A statement to be explained as the client's own messages would run it.
    struct Explained: Equatable {
        var text: [UInt8]
        var types: [UInt32] = []
        private var formats: [Format] = []
        private var parameters: [[UInt8]?] = []

        init(text: [UInt8]) {
            self.text = text
        }

        /// `binding` is the `Bind` message from the end of its names on.
        /// - Returns: `nil` where that cannot be read.
        init?(_ prepared: Prepared, _ binding: [UInt8]) {
            // The end of the second name is its first byte.
            let body = [0] + binding
            guard let bind = try? Bind(body.span) else { return nil }
            text = prepared.text
            types = prepared.parameterTypes
            formats = bind.parameterFormats
            parameters = bind.parameters.map { $0.map { Array(body[$0]) } }
        }

        func write(as name: [UInt8], to output: inout [UInt8]) {
            Parse.write(
                statement: name, text: Array("EXPLAIN (FORMAT JSON) ".utf8) + text, parameterTypes: types,
                to: &output)
            Bind.write(
                portal: name, statement: name, parameterFormats: formats, parameters: parameters, to: &output)
        }
    }

    enum Estimate: Equatable {
        case unasked
        case unknown
        case rows(Double)
    }
}

extension StatementFacts {
    /// Planning it has no effect, and tells how many rows it will touch.
    var isEstimable: Bool {
        guard unknowns.isEmpty, !isUnparsed, missingRelations.isEmpty, functions.isEmpty,
            sessionChanges.isEmpty,
            executes == nil, effects.isSubset(of: [.select, .insert, .update, .delete, .merge, .lock])
        else { return false }
        return switch command {
        case .select, .insert, .update, .delete, .merge: true
        default: false
        }
    }
}

extension Diagnosis {
    /// The statement could not be explained, which has failed the client's transaction.
    static func notPlanned(_ sqlState: String) -> Self {
        Self(sqlState: sqlState, message: "the database could not plan the statement")
    }
}
