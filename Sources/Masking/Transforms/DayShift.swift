import API

/// Moves a day by a keyed number of days, at least one, the same for equal days.
///
/// The number depends on the day and nothing else: equal days stay equal under one key, in every column
/// and type; the distance of different days is not kept, so one known pair tells nothing about another.
struct DayShift: Sendable {
    private let maximumDays: UInt64
    private let pseudonyms: Pseudonyms

    /// `nil` when no day can move or the key is missing.
    init?(maximumDays: Int, key: SecretKeyReference?, of keys: MaskingKeys) {
        guard maximumDays >= 1, let pseudonyms = keys.pseudonyms(for: .dateShift, from: key) else {
            return nil
        }
        // As many days as the calendar has; more would only leave it.
        self.maximumDays = min(UInt64(maximumDays), 3_652_059)
        self.pseudonyms = pseudonyms
    }

    /// The day that `dayNumber`, days since 2000-01-01, moves to.
    func day(after dayNumber: Int64) -> Int64 {
        let choice = pseudonyms.number(for: dayNumber, below: 2 * maximumDays)
        return choice < maximumDays
            ? dayNumber - Int64(choice) - 1
            : dayNumber + Int64(choice - maximumDays) + 1
    }
}
