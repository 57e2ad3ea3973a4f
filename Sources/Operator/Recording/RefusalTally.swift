import API

/// What is recorded of refusals, however many there are: the first of each kind at once, and once a minute how many more there
/// were. So nobody fills the log with bad tokens, and none goes uncounted.
struct RefusalTally {
    /// Seconds after which what was counted is told. Ours.
    static let window: Int64 = 60
    /// Kinds told apart in that time, and as many again of tokens that are genuine: those come only from who has been given
    /// some, and none of them is lost among invented ones. Ours.
    static let kindLimit = 100

    private struct Kind: Hashable {
        /// With a count of 1.
        var refusal: SessionRefused
        var isGenuine: Bool
    }

    /// Refusals that no record tells of yet, by their kind.
    private var counts: [Kind: UInt64] = [:]
    /// Of genuine tokens, and of others.
    private var kindCounts: [Bool: Int] = [:]
    /// Of kinds beyond ``kindLimit``.
    private var others: [Bool: UInt64] = [:]
    private var begun: Int64?

    /// `seconds` count from 1970, as below.
    /// - Returns: what is to be recorded at once.
    mutating func note(_ refusal: SessionRefused, isGenuine: Bool, at seconds: Int64) -> SessionRefused? {
        begun = begun ?? seconds
        let kind = Kind(refusal: refusal, isGenuine: isGenuine)
        if counts[kind] != nil {
            counts[kind, default: 0] += 1
            return nil
        }
        guard kindCounts[isGenuine, default: 0] < Self.kindLimit else {
            others[isGenuine, default: 0] += 1
            return nil
        }
        kindCounts[isGenuine, default: 0] += 1
        counts[kind] = 0
        return refusal
    }

    /// It could not be recorded, and is told later.
    mutating func keep(_ refusal: SessionRefused, isGenuine: Bool, at seconds: Int64) {
        begun = begun ?? seconds
        var kind = Kind(refusal: refusal, isGenuine: isGenuine)
        kind.refusal.count = 1
        if counts[kind] == nil {
            guard kindCounts[isGenuine, default: 0] < Self.kindLimit else {
                others[isGenuine, default: 0] += refusal.count
                return
            }
            kindCounts[isGenuine, default: 0] += 1
        }
        counts[kind, default: 0] += refusal.count
    }

    /// What is to be recorded of what was counted, once it is time to; it is counted anew then.
    mutating func due(at seconds: Int64) -> [(refusal: SessionRefused, isGenuine: Bool)] {
        guard let begun, seconds - begun >= Self.window || seconds < begun else { return [] }
        return takeAll()
    }

    /// The same, at the end.
    mutating func takeAll() -> [(refusal: SessionRefused, isGenuine: Bool)] {
        defer { self = Self() }
        var due = counts.filter { $0.value > 0 }.map { kind, count in
            var refusal = kind.refusal
            refusal.count = count
            return (refusal: refusal, isGenuine: kind.isGenuine)
        }
        due.sort { ($0.refusal.claimedUser, $0.refusal.reason) < ($1.refusal.claimedUser, $1.refusal.reason) }
        for (isGenuine, count) in others {
            let reason = "refused for various reasons, \(isGenuine ? "genuine tokens" : "tokens of nobody's")"
            due.append(
                (
                    SessionRefused(
                        claimedUser: "", connection: "", clientAddress: "", reason: reason, count: count),
                    isGenuine
                ))
        }
        return due
    }
}
