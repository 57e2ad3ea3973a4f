import API

/// What the policies say of one column together.
struct GovernedColumn: Sendable, Equatable {
    /// The strictest of the masks.
    var mask: ColumnMask
    var priority: Int
    /// The rule that forbids to compare the column; `nil` when every rule allows it.
    var predicateRule: String?

    init(mask: ColumnMask, priority: Int, allowsPredicates: Bool) {
        self.mask = mask
        self.priority = priority
        predicateRule = allowsPredicates ? nil : mask.rule
    }

    /// Adds what another rule says; it can only become stricter.
    mutating func merge(_ other: Self) {
        predicateRule = predicateRule ?? other.predicateRule
        if other.rank > rank {
            mask = other.mask
            priority = other.priority
        }
    }

    private var rank: (Int, Int, Int) {
        (mask.action.strictness.kind, mask.action.strictness.degree, priority)
    }

    /// Of several columns behind one value, which speaks for it: the strictest, then the first by name.
    func speaksBefore(_ other: Self) -> Bool {
        if rank != other.rank { return rank > other.rank }
        return (mask.column, mask.rule) < (other.mask.column, other.mask.rule)
    }
}
