/// Rounds ages down: Safe Harbor allows no age above 89 to be told apart (45 CFR 164.514(b)(2)(i)(C)).
struct AgeBand: Sendable {
    static let oldest: UInt64 = 90

    private let width: UInt64?

    /// - Parameter width: years in a band; below 1 no age has a band.
    init(width: Int) {
        self.width = width >= 1 ? UInt64(width) : nil
    }

    func band(of age: UInt64) -> UInt64? {
        guard let width else { return nil }
        return age >= Self.oldest ? Self.oldest : age / width * width
    }
}
