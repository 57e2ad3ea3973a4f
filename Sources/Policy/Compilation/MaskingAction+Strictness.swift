import API

extension MaskingAction {
    /// How much an action hides: of two masks of one column the one that hides more is used.
    ///
    /// `DenyQuery`, `Redact`, `Null`, `Hash`, `Tokenize`, `Generalize`, `DateShift`, `Partial`, from most to
    /// least; among the same the wider band, the longer shift, the fewer characters kept.
    var strictness: (kind: Int, degree: Int) {
        switch self {
        case .denyQuery: (8, 0)
        case .redact: (7, 0)
        case .null: (6, 0)
        case .hash: (5, 0)
        case .tokenize: (4, 0)
        case .generalize(.zip3): (3, 0)
        case .generalize(.year): (3, 1)
        case .generalize(.ageBand(let width)): (3, 1 + width)
        case .dateShift(let days, _): (2, days)
        case .partial(let first, let last, _): (1, -(first + last))
        }
    }
}
