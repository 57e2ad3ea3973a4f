import Cryptography
package import Kubernetes

/// Something a person should know of a resource (`Event`, v1).
package struct ResourceEvent: Sendable, Equatable {
    package var isWarning: Bool
    package var reason: String
    package var message: String

    package init(isWarning: Bool, reason: String, message: String) {
        self.isWarning = isWarning
        self.reason = reason
        self.message = String(message.prefix(Self.maximumMessage))
    }

    /// What the API server takes, in characters.
    private static let maximumMessage = 1000

    /// The same event of the same object has the same name, so that the API server has it once, whoever tells it.
    package func request(
        about resource: APIResource, _ key: ObjectKey, uid: String, at now: Timestamp
    ) throws(RequestError) -> APIRequest {
        let digest = SHA256.digest(of: Array("\(uid) \(reason) \(message)".utf8))
        let suffix = Hexadecimal.encode(Array(digest.prefix(8)))
        let event: JSON = [
            "apiVersion": "v1", "kind": "Event",
            "metadata": [
                "name": .string("\(key.name.prefix(200)).\(suffix)"), "namespace": .string(key.namespace),
            ],
            "involvedObject": [
                "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
                "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(uid),
            ],
            "type": isWarning ? "Warning" : "Normal", "reason": .string(reason),
            "message": .string(message), "count": 1, "firstTimestamp": .string(now.time),
            "lastTimestamp": .string(now.time),
            "source": ["component": "weir-operator"], "reportingComponent": "weir-operator",
            "reportingInstance": "weir-operator",
        ]
        return try .create(.events, event, WriteOptions(fieldManager: OwnNames.fieldManager))
    }
}

extension StatusDocument {
    /// What of the change from the old status a person should know: that it stalls, why, and that it no longer does.
    package func event(after old: JSON) -> ResourceEvent? {
        guard let ready = conditions.first(where: { $0.type == "Ready" }) else { return nil }
        let known = (old["conditions"]?.array ?? []).first { $0["type"]?.string == "Ready" }
        let isStalled = conditions.contains { $0.type == "Stalled" }
        guard
            known?["reason"]?.string != ready.reason
                || (isStalled && known?["message"]?.string != ready.message)
        else { return nil }
        // What passes by itself is seen in the status.
        guard isStalled || ready.status == .isTrue else { return nil }
        return ResourceEvent(isWarning: isStalled, reason: ready.reason, message: ready.message)
    }
}
