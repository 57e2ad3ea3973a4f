/// How long it takes to judge a query string, in microseconds with two digits after the point.
struct JudgingTime: Encodable {
    /// One that nobody has sent before: it is parsed, analysed and decided about.
    var new: Double
    /// One whose decision is known.
    var known: Double

    /// Odd, so that there is a median.
    private static let roundCount = 101
    /// What takes less than reading a clock is done so many times a round.
    private static let knownCount = 1000

    /// - Parameter judge: judges the string; `false` when that cannot be done at once.
    init?(_ judge: (_ isNew: Bool) -> Bool) {
        guard judge(true) else { return nil }
        new = Self.median(of: 1) { _ = judge(true) }
        known = Self.median(of: Self.knownCount) { _ = judge(false) }
    }

    private static func median(of count: Int, _ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let times = (0..<roundCount).map { _ in
            clock.measure { for _ in 0..<count { work() } } / .microseconds(count)
        }
        return (times.sorted()[roundCount / 2] * 100).rounded() / 100
    }
}
