import Kubernetes

/// A change that waits for what admission says to it.
package struct PendingWrite: Sendable {
    enum Operation: String, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
    }

    var call: Call
    var type: ResourceType
    var key: ObjectKey
    var subresource: String?
    var operation: Operation
    /// As it was stored when the request came, without defaults.
    var stored: JSON?
    var old: JSON?
    /// What is to be; of a deletion the object that goes.
    var object: JSON
    var warnings: [String] = []
    /// In the order they are asked; those that change come first.
    package var webhooks: [Webhook] = []
    /// What the request asked for, while ``object`` is what admission makes of it.
    var beforeAdmission: JSON?
    /// Whether its `managedFields` say already whose the fields are.
    var isApply = false
    /// Of a deletion: `Background`, `Foreground` or `Orphan`.
    var propagation = "Background"
    /// Whether the object is one of many that a request deletes.
    var isOfCollection = false
    /// The status of the answer.
    var code = 200

    package var isDryRun: Bool { call.isDryRun }
    var isStatus: Bool { subresource == "status" }
    var place: Store.Place { .init(resource: type.identifier, key: key) }
    /// What admission is told; empty where the request has none.
    var name: String { isOfCollection ? "" : key.name }

    var writer: FieldOwner {
        FieldOwner(
            manager: call.fieldManager, isApplied: false, apiVersion: type.apiVersion,
            subresource: subresource ?? "", time: "", fields: FieldSet())
    }
}
