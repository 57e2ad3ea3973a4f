import API
import Kubernetes
import Logging

/// Webhooks' Secrets as folders with a file for a key, and records in the requests' files.
struct LocalNotifications: NotificationGround {
    /// Between two looks at what has changed.
    private static let interval = Duration.milliseconds(250)
    /// Between two looks at what expires without anybody's doing.
    private static let expiryInterval = Duration.seconds(2)

    /// Of the Secrets' folders; `nil` where there are none.
    let secrets: String?
    let approvals: LocalApprovals
    let logger: Logger

    func contents(of place: WebhookReference) throws(WebhookFault) -> [String: [UInt8]] {
        guard let secrets, StringFormat.objectName.fault(in: place.secret) == nil,
            let files = try? LocalFolder.files(in: "\(secrets)/\(place.secret)")
        else { throw .missing(place) }
        return Dictionary(files.map { ($0.name, $0.bytes) }) { first, _ in first }
    }

    func keep(_ records: [NotificationRecord], of key: ObjectKey, identity: String) throws {
        try approvals.keep(records, of: key.name, identity: identity)
    }

    func tell(_ fault: DeliveryFault, of notice: Notice) {
        logger.warning(
            "not told of a request for approval",
            metadata: [
                "request": "\(notice.standing.key)", "webhook": "\(notice.webhook.address.name)",
                "fault": "\(fault)",
            ])
    }

    /// Tells where requests stand until the task is cancelled.
    func watch(_ notifier: Notifier) async {
        var told: Int?
        var due = ContinuousClock.now
        repeat {
            let changes = approvals.changeCount
            guard changes != told || due <= .now else { continue }
            (told, due) = (changes, .now + Self.expiryInterval)
            notifier.take(all: approvals.standings())
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }
}
