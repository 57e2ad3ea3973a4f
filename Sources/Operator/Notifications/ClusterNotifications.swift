import API
import Cryptography
import Kubernetes
import Logging
import Synchronization

/// Webhooks' Secrets as the API server has them, records in the requests' status, and Events.
///
/// The operator lists and watches no Secrets; it gets one by its name, where its namespace's owner has allowed that.
final class ClusterNotifications: NotificationGround {
    /// How long contents are used before they are asked for again: a Secret that is changed counts after that. Ours.
    static let secretLifetime = Duration.seconds(10)
    /// Secrets that are kept so long. Ours.
    private static let secretLimit = 64

    private struct Kept {
        var contents: [String: [UInt8]]
        var until: ContinuousClock.Instant
    }

    private let server: any APIServer
    private let state: ClusterState
    /// The operator's own service account, `namespace:name`.
    private let account: @Sendable () async -> String
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let secrets = Mutex<[ObjectKey: Kept]>([:])

    init(
        server: any APIServer, state: ClusterState, account: @escaping @Sendable () async -> String,
        logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.server = server
        self.state = state
        self.account = account
        self.logger = logger
        self.now = now
    }

    func contents(of place: WebhookReference) async throws(WebhookFault) -> [String: [UInt8]] {
        let key = ObjectKey(namespace: place.namespace, name: place.secret)
        let kept = secrets.withLock { secrets in
            secrets = secrets.filter { $0.value.until > .now }
            return secrets[key]
        }
        if let kept { return kept.contents }
        let contents = try await read(key, place)
        secrets.withLock { secrets in
            if secrets.count >= Self.secretLimit { secrets = [:] }
            secrets[key] = Kept(contents: contents, until: .now + Self.secretLifetime)
        }
        return contents
    }

    private func read(
        _ key: ObjectKey, _ place: WebhookReference
    ) async throws(WebhookFault) -> [String: [UInt8]] {
        guard let request = try? APIRequest.get(.secrets, key), let response = try? await server.send(request)
        else { throw .unavailable }
        guard response.isSuccess, let secret = try? response.json() else {
            switch APIFailure(response).kind {
            case .forbidden: throw .forbidden(place)
            case .notFound: throw .missing(place)
            default: throw .unavailable
            }
        }
        return (secret["data"]?.stringMap ?? [:]).compactMapValues { Base64.decode($0) }
    }

    func keep(_ records: [NotificationRecord], of key: ObjectKey, identity: String) async throws {
        let change: JSON = [
            "metadata": ["uid": .string(identity)],
            "status": ["notifications": .array(records.map(\.document))],
        ]
        let response = try await server.send(
            .patch(
                .approvalRequests, key, merging: change,
                WriteOptions(fieldManager: OwnNames.notificationFieldManager), subresource: "status"))
        guard !response.isSuccess else { return }
        let failure = APIFailure(response)
        // Gone, or another of its name.
        guard failure.kind == .notFound || failure.kind == .conflict else { throw failure }
    }

    func tell(_ fault: DeliveryFault, of notice: Notice) async {
        if case .secret(let fault) = fault, fault != .unavailable {
            let rule = notice.standing.request.ruleRef
            let key = ObjectKey(namespace: rule.namespace, name: rule.name)
            guard let uid = state.withView({ $0.approvalRule(key)?.uid }) else { return }
            let message = fault.advice(account: await account())
            await tell("WebhookUnusable", message, .approvalRules, key, uid)
        } else {
            let message = "\(notice.webhook.address.name) was not told \(notice.event.phase): \(fault)"
            let standing = notice.standing
            await tell("NotNotified", message, .approvalRequests, standing.key, standing.identity)
        }
    }

    private func tell(
        _ reason: String, _ message: String, _ resource: APIResource, _ key: ObjectKey, _ uid: String
    ) async {
        let event = ResourceEvent(isWarning: true, reason: reason, message: message)
        do {
            let response = try await server.send(
                event.request(about: resource, key, uid: uid, at: now()))
            let failure = APIFailure(response)
            // Another replica, or this one before, has said so.
            guard response.isSuccess || failure.kind == .alreadyExists else { throw failure }
        } catch {
            logger.warning("event not written", metadata: ["error": "\(error)"])
        }
    }
}
