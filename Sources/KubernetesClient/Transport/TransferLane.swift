import Kubernetes

/// What a request is for, by which it has threads of its own: none waits for what it must not wait for.
enum TransferLane {
    /// Leases: one that is renewed too late is lost, and the process ends.
    case leases
    /// Whose a token is, and what somebody may: whoever reaches a server of ours has that asked, as often as they like.
    case strangers
    case others

    init(_ request: APIRequest) {
        self =
            if request.path.hasPrefix("/apis/\(APIResource.leases.group)/") {
                .leases
            } else if Self.asked.contains(request.path) {
                .strangers
            } else {
                .others
            }
    }

    private static let asked = [APIResource.tokenReviews.path(), APIResource.subjectAccessReviews.path()]

    /// Requests under way at most. Ours: one takes a few milliseconds.
    var threadCount: Int {
        switch self {
        case .leases: 1
        case .strangers, .others: 8
        }
    }

    /// Requests that may wait for a thread. Ours.
    var queueLimit: Int {
        switch self {
        case .leases: 16
        case .strangers: 1024
        case .others: 4096
        }
    }
}
