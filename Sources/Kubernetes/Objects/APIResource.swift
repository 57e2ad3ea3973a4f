/// A kind of object as the API server serves it, in the terms of its discovery documents.
package struct APIResource: Sendable, Hashable {
    /// Empty for the core group.
    package var group: String
    package var version: String
    /// The plural in the path: `pods`.
    package var name: String
    package var kind: String
    package var isNamespaced: Bool

    package init(group: String, version: String, name: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.name = name
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// `v1`, `apps/v1`.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    package static let pods = APIResource(group: "", version: "v1", name: "pods", kind: "Pod")
    package static let leases = APIResource(
        group: "coordination.k8s.io", version: "v1", name: "leases", kind: "Lease")
    package static let tokenReviews = APIResource(
        group: "authentication.k8s.io", version: "v1", name: "tokenreviews", kind: "TokenReview",
        isNamespaced: false)
    package static let selfSubjectAccessReviews = APIResource(
        group: "authorization.k8s.io", version: "v1", name: "selfsubjectaccessreviews",
        kind: "SelfSubjectAccessReview", isNamespaced: false)
    package static let subjectAccessReviews = APIResource(
        group: "authorization.k8s.io", version: "v1", name: "subjectaccessreviews",
        kind: "SubjectAccessReview", isNamespaced: false)
}

/// Which object of a kind.
package struct ObjectKey: Sendable, Hashable {
    /// Empty for objects of the cluster.
    package var namespace: String
    package var name: String

    package init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }
}

extension ObjectKey: Comparable, CustomStringConvertible {
    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    /// `namespace/name`, or the name alone.
    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
