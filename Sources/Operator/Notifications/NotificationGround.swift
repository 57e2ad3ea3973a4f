import API
import Kubernetes

/// What notifications need of where the operator runs: a cluster, or this machine alone.
protocol NotificationGround: Sendable {
    /// The contents of a Secret by key, as they are now.
    func contents(of place: WebhookReference) async throws(WebhookFault) -> [String: [UInt8]]

    /// Keeps what has been told of the request beside it.
    /// - Throws: when it has to be tried again.
    func keep(_ records: [NotificationRecord], of key: ObjectKey, identity: String) async throws

    /// Says what people should know: of a rule whose webhook cannot be used, and of a request of which somebody was not told.
    func tell(_ fault: DeliveryFault, of notice: Notice) async
}
