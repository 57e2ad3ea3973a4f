import API
import Kubernetes

/// Writes on an object of ours who has written what it says. An object that brings the annotation along does not
/// thereby say who: it bears the sender of the change, and of a change of something else whoever it bore before.
struct EditorStamp {
    /// The object as it is to be.
    let object: JSON

    /// - Returns: `nil` for what is not stamped: other kinds, subresources, deletions.
    /// - Throws: when the API server does not say who sends it.
    init?(_ request: AdmissionRequest) throws(UnknownEditor) {
        guard request.group == ResourceKind.group, request.subresource.isEmpty,
            request.operation == .create || request.operation == .update,
            let kind = ResourceKind(rawValue: request.kind), kind.isWrittenByPeople,
            request.object["metadata"]?.object != nil
        else { return nil }
        let editor: JSON?
        if Self.isChanged(request) {
            guard let user = request.user, !user.username.isEmpty else { throw UnknownEditor() }
            editor = .string(user.username)
        } else {
            editor = request.oldObject["metadata", "annotations", ObjectMetadata.changedByAnnotation]
        }
        var object = request.object
        object["metadata", "annotations", ObjectMetadata.changedByAnnotation] = editor
        self.object = object
    }

    /// Labels decide what binds what, as the spec does.
    private static func isChanged(_ request: AdmissionRequest) -> Bool {
        guard request.operation == .update else { return true }
        let (old, new) = (request.oldObject, request.object)
        return new["spec"] != old["spec"]
            || (new["metadata", "labels"] ?? [:]) != (old["metadata", "labels"] ?? [:])
    }

    struct UnknownEditor: Error {}
}
