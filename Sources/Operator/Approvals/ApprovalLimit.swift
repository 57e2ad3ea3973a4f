/// How many statements may wait for a decision at once: whoever asks again and again keeps nobody else from asking, and does
/// not fill the place where requests are kept. What is to be reviewed is not counted.
enum ApprovalLimit {
    /// Of one requester. Ours.
    static let ofRequester = 256
    /// In all; in a cluster, of a namespace. Ours.
    static let inAll = 4096

    /// Why no other statement of a requester can wait beside those that do, told by who asks for each; `nil` when one can.
    static func fault(for requester: String, beside waiting: [String]) -> String? {
        if waiting.count(where: { $0 == requester }) >= ofRequester {
            return
                "too many of your statements wait for approval: \(ofRequester); have them decided or withdrawn"
        }
        if waiting.count >= inAll {
            return "too many statements wait for approval: \(inAll); some have to be decided first"
        }
        return nil
    }
}
