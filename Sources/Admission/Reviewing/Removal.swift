package import API
package import Kubernetes

/// Who asks to take a connection, policy or rule away: the object that could bear them is gone then.
package struct Removal: Sendable, Equatable {
    /// Longest name of who does it that is told, in characters. Ours: an account's has some 100.
    private static let maximumUserLength = 256

    package let kind: ResourceKind
    package let key: ObjectKey
    /// Of the object.
    package let uid: String
    package let user: String

    /// - Returns: `nil` for what nothing is told of: other kinds and operations, dry runs, and what is on its way out already.
    init?(_ request: AdmissionRequest) {
        guard request.group == ResourceKind.group, request.subresource.isEmpty, request.operation == .delete,
            !request.isDryRun, let kind = ResourceKind(rawValue: request.kind), kind.isWrittenByPeople,
            // Several at once name none in the request itself.
            let metadata = request.oldObject["metadata"], let name = metadata["name"]?.string,
            let uid = metadata["uid"]?.string, metadata["deletionTimestamp"] == nil,
            let user = request.user?.username
        else { return nil }
        self.kind = kind
        self.uid = uid
        key = ObjectKey(namespace: request.namespace, name: name)
        self.user = String(user.prefix(Self.maximumUserLength))
    }
}
