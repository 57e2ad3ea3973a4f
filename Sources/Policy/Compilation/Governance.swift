package import StatementAnalysis

/// Which columns of a database are governed for one subject, and how.
package struct Governance: Sendable {
    package let catalogue: Catalogue
    let enforced: GovernedColumns
    /// With the policies in `mode: DryRun`; `nil` when there are none.
    let withDryRun: GovernedColumns?

    /// Of the connection's `trustedFunctions`.
    let trustedFunctions: Set<ObjectID>
    let allowances: Allowances

    init(of policies: [ScopedMaskingPolicy], allowances: Allowances, over catalogue: Catalogue) {
        self.catalogue = catalogue
        self.allowances = allowances
        trustedFunctions = Set(
            allowances.trustedFunctions.flatMap { name in
                let parts = name.split(separator: ".").map(String.init)
                return catalogue.routines(named: parts.last ?? "")
                    .filter { $0.schema == parts.first }.map(\.oid)
            })
        let columns = { (policies: [ScopedMaskingPolicy]) in
            GovernedColumns(of: policies, over: catalogue, governsSystemColumns: !allowances.hiddenCode)
        }
        enforced = columns(policies.filter(\.isEnforced))
        withDryRun = policies.allSatisfy(\.isEnforced) ? nil : columns(policies)
    }

    /// The mask of a column's own value; `nil` when it is neither governed nor searched.
    package func mask(of column: ColumnID) -> ColumnMask? {
        enforced[column]?.mask ?? enforced.search(in: Lineage([column]), origin: column)
    }

    /// Whether any column of the relation is governed.
    package func governs(_ relation: ObjectID) -> Bool {
        enforced.relations.contains(relation)
    }

    /// No policy is in force for the subject. With one, columns of the server's own are governed even where
    /// the database has none that its rules match.
    package var isEmpty: Bool { !enforced.isInForce }
}
