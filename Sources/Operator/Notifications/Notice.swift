import Cryptography
import Kubernetes

/// One notification for one webhook.
struct Notice: Sendable, Equatable {
    var standing: ApprovalStanding
    var event: NotificationEvent
    var webhook: Webhook

    /// The same for each attempt, also after a restart of the operator, and for no other notification, by which receivers
    /// know what they have: 32 hexadecimal digits.
    var delivery: String {
        let place = webhook.address
        let parts = [
            standing.key.description, standing.identity, event.phase, place.namespace, place.secret,
            place.key,
        ]
        let digest = SHA256.digest(of: Array(parts.joined(separator: "\n").utf8))
        return Hexadecimal.encode(Array(digest.prefix(16)))
    }

    /// Whether both tell one webhook of one request.
    func isAboutSame(as other: Notice) -> Bool {
        standing.key == other.standing.key && standing.identity == other.standing.identity
            && webhook.address == other.webhook.address
    }
}
