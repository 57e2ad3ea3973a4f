import Synchronization

/// Reviews that this process has recorded, so that one is not recorded again while its status cannot be written.
final class RecordedReviews: Sendable {
    /// The last ones that are known. Ours: far fewer wait for their statuses at a time.
    static let limit = 1024

    private struct Review: Equatable {
        var request: String
        var phase: ApprovalJudgement.Phase
    }

    /// The oldest first.
    private let reviews = Mutex<[Review]>([])

    /// Whether the request, by its uid, was not asked about in that phase before.
    func isNew(of request: String, _ phase: ApprovalJudgement.Phase) -> Bool {
        let review = Review(request: request, phase: phase)
        return reviews.withLock { reviews in
            guard !reviews.contains(review) else { return false }
            if reviews.count == Self.limit { reviews.removeFirst() }
            reviews.append(review)
            return true
        }
    }
}
