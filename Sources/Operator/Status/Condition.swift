package import Kubernetes

/// What holds of an object at present (`Condition`, meta/v1).
package struct Condition: Sendable, Equatable {
    package enum Status: String, Sendable {
        case isTrue = "True"
        case isFalse = "False"
        case isUnknown = "Unknown"
    }

    package var type: String
    package var status: Status
    package var reason: String
    package var message: String

    init(_ type: String, _ status: Status, reason: String, message: String) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = String(message.prefix(Self.maximumMessage))
    }

    /// In characters. Ours; the schema takes 32,768.
    private static let maximumMessage = 2000

    /// Since when it has been so is kept from what is there while the status stays the same.
    func json(generation: Int64, after old: JSON?, at now: Timestamp) -> JSON {
        let known = (old?.array ?? []).first { $0["type"]?.string == type }
        let isUnchanged = known?["status"]?.string == status.rawValue
        let since = isUnchanged ? known?["lastTransitionTime"]?.string : nil
        return [
            "type": .string(type), "status": .string(status.rawValue), "reason": .string(reason),
            "message": .string(message), "observedGeneration": .integer(generation),
            "lastTransitionTime": .string(since ?? now.time),
        ]
    }
}

/// A whole status, written only when it says anything else than the one that is there.
package struct StatusDocument: Sendable, Equatable {
    package var generation: Int64
    package var conditions: [Condition]
    /// Beside those two.
    package var fields: JSON

    /// The whole of it, where `old` is what the API server has.
    func json(after old: JSON, at now: Timestamp) -> JSON {
        var status = fields
        status["observedGeneration"] = .integer(generation)
        status["conditions"] = .array(
            conditions.map { $0.json(generation: generation, after: old["conditions"], at: now) })
        return status
    }

    /// The request that writes it; `nil` when the API server has it already.
    package func request(
        _ resource: APIResource, _ key: ObjectKey, uid: String, old: JSON, at now: Timestamp
    ) throws(RequestError) -> APIRequest? {
        let status = json(after: old, at: now)
        guard status != old else { return nil }
        let object: JSON = [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
            "metadata": [
                "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(uid),
            ], "status": status,
        ]
        return try .apply(
            resource, object, WriteOptions(fieldManager: OwnNames.statusFieldManager), subresource: "status")
    }
}
