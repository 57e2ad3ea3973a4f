import API
import Kubernetes

/// Which notifications there are to send: by where requests stand, and what has been told of them.
///
/// It is asked over and over about the same: a notification is due until it is recorded.
struct NotificationLedger: Sendable {
    /// What came to be longer ago is told to nobody who has not been told then, such as a webhook that is new. Ours.
    static let newsAge = Duration.seconds(3600)

    private var standings: [ObjectKey: ApprovalStanding] = [:]

    /// The requests that are known.
    var keys: [ObjectKey] { Array(standings.keys) }

    /// What is due now that the request stands there; the records that were not known are kept.
    mutating func take(_ standing: ApprovalStanding, at now: Timestamp) -> [Notice] {
        var standing = standing
        if let known = standings[standing.key], known.identity == standing.identity {
            // What was recorded may not have come round yet.
            let others = standing.recorded.filter { record in
                !known.recorded.contains { $0.isOfSame(as: record) }
            }
            standing.recorded = known.recorded + others
        }
        standings[standing.key] = standing
        let event = NotificationEvent.reached(standing.phase)
        if let time = event.time(in: standing.request).flatMap(Timestamp.init), now - time > Self.newsAge {
            return []
        }
        return notices(of: event, standing)
    }

    /// What is due now that the request is gone: when nobody had decided, it was withdrawn, or its end has come.
    mutating func forget(_ key: ObjectKey, at now: Timestamp) -> [Notice] {
        guard let standing = standings.removeValue(forKey: key), standing.phase == .pending else { return [] }
        let isOver = Timestamp(standing.request.expiresAt).map { $0 <= now } ?? false
        return notices(of: isOver ? .reached(.expired) : .withdrawn, standing)
    }

    private func notices(of event: NotificationEvent, _ standing: ApprovalStanding) -> [Notice] {
        standing.webhooks
            .filter { webhook in
                !standing.recorded.contains {
                    $0.webhook == webhook.address.name && $0.phase == event.phase
                }
            }
            .map { Notice(standing: standing, event: event, webhook: $0) }
    }

    /// Keeps that the notification is over with.
    /// - Returns: whether there is a request to write it to.
    @discardableResult
    mutating func record(_ notice: Notice, _ outcome: NotificationRecord.Outcome, at now: Timestamp) -> Bool {
        let key = notice.standing.key
        guard var standing = standings[key], standing.identity == notice.standing.identity else {
            return false
        }
        let record = NotificationRecord(
            webhook: notice.webhook.address.name, phase: notice.event.phase, outcome: outcome, time: now.time)
        standing.recorded.removeAll { $0.isOfSame(as: record) }
        standing.recorded.append(record)
        standings[key] = standing
        return true
    }

    /// What is kept of a request, for the one of that name; `nil` when it is gone.
    func standing(_ key: ObjectKey) -> ApprovalStanding? { standings[key] }
}

extension NotificationRecord {
    fileprivate func isOfSame(as other: Self) -> Bool { webhook == other.webhook && phase == other.phase }
}
