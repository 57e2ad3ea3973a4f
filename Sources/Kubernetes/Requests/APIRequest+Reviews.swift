/// What somebody would do (`ResourceAttributes`, authorization.k8s.io/v1).
package struct ResourceAttributes: Sendable, Hashable {
    package var verb: String
    package var group: String
    package var resource: String
    package var subresource: String
    /// Empty for all namespaces, and for objects of the cluster.
    package var namespace: String
    /// Empty for all objects.
    package var name: String

    package init(
        verb: String, group: String = "", resource: String, subresource: String = "", namespace: String = "",
        name: String = ""
    ) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    fileprivate var json: JSON {
        [
            "verb": .string(verb), "group": .string(group), "resource": .string(resource),
            "subresource": .string(subresource), "namespace": .string(namespace), "name": .string(name),
        ]
    }
}

/// Who somebody is, as the API server tells it (`UserInfo`, authentication.k8s.io/v1).
package struct UserInfo: Sendable, Hashable {
    package var username: String
    package var uid: String
    package var groups: [String]
    package var extra: [String: [String]]

    package init(
        username: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.username = username
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// - Returns: `nil` for somebody without a name.
    package init?(_ json: JSON?) {
        guard let json, let username = json["username"]?.string, !username.isEmpty else { return nil }
        self.init(
            username: username, uid: json["uid"]?.string ?? "", groups: json["groups"]?.strings ?? [])
        for (name, values) in json["extra"]?.object ?? JSON.Object() { extra[name] = values.strings }
    }
}

extension APIRequest {
    /// Asks whose a token is. The answer counts only with an audience of ours: see ``TokenReviewAnswer``.
    package static func reviewToken(_ token: String, audiences: [String]) -> Self {
        let review: JSON = [
            "apiVersion": .string(APIResource.tokenReviews.apiVersion), "kind": "TokenReview",
            "spec": ["token": .string(token), "audiences": JSON(audiences)],
        ]
        return Self(.post, path: APIResource.tokenReviews.path(), body: Body(review))
    }

    /// Asks whether we may.
    package static func reviewAccess(_ attributes: ResourceAttributes) -> Self {
        let review: JSON = [
            "apiVersion": .string(APIResource.selfSubjectAccessReviews.apiVersion),
            "kind": "SelfSubjectAccessReview", "spec": ["resourceAttributes": attributes.json],
        ]
        return Self(.post, path: APIResource.selfSubjectAccessReviews.path(), body: Body(review))
    }

    /// Asks whether somebody else may.
    package static func reviewAccess(_ attributes: ResourceAttributes, of user: UserInfo) -> Self {
        var spec: JSON = [
            "resourceAttributes": attributes.json, "user": .string(user.username), "uid": .string(user.uid),
            "groups": JSON(user.groups),
        ]
        for (name, values) in user.extra { spec["extra", name] = JSON(values) }
        let review: JSON = [
            "apiVersion": .string(APIResource.subjectAccessReviews.apiVersion), "kind": "SubjectAccessReview",
            "spec": spec,
        ]
        return Self(.post, path: APIResource.subjectAccessReviews.path(), body: Body(review))
    }
}
