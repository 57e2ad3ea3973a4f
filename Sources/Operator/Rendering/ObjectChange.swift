package import Kubernetes

/// What is to be written so that what is observed becomes what is desired.
package enum ObjectChange: Sendable, Equatable {
    case apply(DesiredObject)
    /// Only the very object that was observed.
    case delete(APIResource, ObjectKey, uid: String)

    /// Applies first, deletes last; nothing for what is as it should be.
    ///
    /// `observed` are objects of the connection, by kind, reduced by ``AppliedDigest/reduced(_:)``; those that are not the
    /// operator's are left alone, and so are those that cannot be made as they should be.
    package static func plan(
        observed: [APIResource: [APIObject]], desired: DesiredObjects
    ) -> [ObjectChange] {
        var changes: [ObjectChange] = []
        var wanted: Set<Place> = []
        for object in desired.objects {
            wanted.insert(Place(resource: object.resource, key: object.key))
            let current = observed[object.resource]?.first { $0.key == object.key }
            if !AppliedDigest.reduced(object.content).holds(in: current?.content) {
                changes.append(.apply(object))
            }
        }
        var deletions: [ObjectChange] = []
        for (resource, objects) in observed where !desired.kept.contains(resource) {
            for object in objects where !wanted.contains(Place(resource: resource, key: object.key)) {
                guard isOwn(object) else { continue }
                deletions.append(.delete(resource, object.key, uid: object.uid))
            }
        }
        return changes + deletions.sorted { "\($0)" < "\($1)" }
    }

    private struct Place: Hashable {
        var resource: APIResource
        var key: ObjectKey
    }

    private static func isOwn(_ object: APIObject) -> Bool {
        object.content["metadata", "labels", OwnNames.managedBy.label]?.string == OwnNames.managedBy.value
            && object.metadata.ownerReferences.contains { $0.kind == "DatabaseConnection" }
    }
}

extension ObjectChange {
    package func request() throws(RequestError) -> APIRequest {
        switch self {
        case .apply(let object):
            try .apply(
                object.resource, object.content, WriteOptions(fieldManager: OwnNames.fieldManager))
        case .delete(let resource, let key, let uid):
            try .delete(resource, key, DeleteOptions(uid: uid, propagation: .background))
        }
    }

    package var key: ObjectKey {
        switch self {
        case .apply(let object): object.key
        case .delete(_, let key, _): key
        }
    }
}
