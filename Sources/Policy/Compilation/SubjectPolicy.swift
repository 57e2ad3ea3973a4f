package import API
package import StatementAnalysis

/// Everything that binds one subject on one connection.
package struct SubjectPolicy: Sendable {
    let masking: [ScopedMaskingPolicy]
    /// Those of higher priority first.
    let rules: [CompiledApprovalRule]
    let allowances: Allowances

    /// Nothing binds the subject: every statement passes as it is.
    package var isTransparent: Bool { masking.isEmpty && rules.isEmpty }

    /// Whatever binds the subject is in `mode: DryRun`: every statement passes as it is, also one that cannot be judged.
    package var enforcesNothing: Bool {
        masking.allSatisfy { !$0.isEnforced } && rules.allSatisfy { !$0.isEnforced }
    }

    /// The same statement may be judged differently later: a rule has a time window.
    package var dependsOnTime: Bool { rules.contains { $0.window != nil } }

    /// How many rows a statement is expected to touch may decide about it.
    package var asksForEstimates: Bool { rules.contains { $0.minimumRows != nil } }

    /// A statement may have to be approved.
    package var mayAsk: Bool { rules.contains { $0.isEnforced && $0.effect == .requireApproval } }

    /// Whether some rule lets that subject run at once what it asks about.
    package func mayBreakGlass(_ subject: Subject) -> Bool {
        rules.contains { $0.isEnforced && $0.breakGlass?.subjects.names(subject) ?? false }
    }

    /// Code that is not in sight may run in statements that name nothing governed.
    package var passesHiddenCode: Bool { allowances.hiddenCode }

    /// A text that cannot be parsed may pass where it names nothing governed.
    package var passesUnparsed: Bool { allowances.unparsedStatements }

    /// Whether plain tables with nothing governed are taken for what they were when the catalogue was last read.
    package var trustsFreeTables: Bool { allowances.freeTables }

    /// What the policies govern in a database; computed once for a catalogue.
    package func governance(over catalogue: Catalogue) -> Governance {
        Governance(of: masking, allowances: allowances, over: catalogue)
    }
}
