/// The configuration that the gateway of a stream was sent last.
struct SentConfiguration {
    typealias Instant = ContinuousClock.Instant

    /// How long after it was sent a refused one is sent again: the key or the port that it lacked may be there by then.
    /// Ours.
    static let retryInterval = Duration.seconds(60)

    private var last: (revision: String, time: Instant)?

    /// Whether this one is to be sent, after what the gateway has said last.
    func isFollowed(by revision: String, after word: Acknowledgement?, at now: Instant) -> Bool {
        guard let last, last.revision == revision else { return true }
        guard let word, word.revision == revision, !word.faults.isEmpty else { return false }
        return last.time.duration(to: now) >= Self.retryInterval
    }

    mutating func note(_ revision: String, at now: Instant) { last = (revision, now) }
}
