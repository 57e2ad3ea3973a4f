import Kubernetes

/// A request as it arrived, its user known.
package struct Call: Sendable {
    package var method: String
    /// Decoded, without empty parts.
    package var path: [String]
    package var query: [String: String]
    package var accept: String
    package var contentType: String
    package var userAgent: String
    package var user: User
    package var body: [UInt8]

    package init(
        method: String, path: [String], query: [String: String] = [:], accept: String = "",
        contentType: String = "application/json", userAgent: String = "", user: User = .administrator,
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.contentType = contentType
        self.userAgent = userAgent
        self.user = user
        self.body = body
    }

    var isDryRun: Bool { query["dryRun"] == "All" }

    /// Who is told to own the fields that the request sets.
    var fieldManager: String {
        if let manager = query["fieldManager"] { return manager }
        return String(userAgent.prefix { $0 != "/" })
    }
}

/// Whom a credential stands for.
package struct User: Sendable, Hashable {
    package var name: String
    package var groups: [String]
    package var uid: String
    package var extra: [String: [String]]

    package init(name: String, groups: [String] = [], uid: String = "", extra: [String: [String]] = [:]) {
        self.name = name
        self.groups = groups
        self.uid = uid
        self.extra = extra
    }

    package static let administrator = User(
        name: "admin", groups: ["system:masters", "system:authenticated"])
    package static let anonymous = User(name: "system:anonymous", groups: ["system:unauthenticated"])

    /// The account of a controller of kube-controller-manager.
    static func controller(_ name: String) -> User {
        User(
            name: "system:serviceaccount:kube-system:\(name)",
            groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"])
    }

    var json: JSON {
        var json: JSON = ["username": .string(name), "groups": JSON(groups)]
        if !uid.isEmpty { json["uid"] = .string(uid) }
        if !extra.isEmpty { json["extra"] = .object(JSON.Object(extra.map { ($0.key, JSON($0.value)) })) }
        return json
    }
}

/// What a path of the API names.
struct Target {
    var type: ResourceType
    /// Empty for all namespaces and for objects of the cluster.
    var namespace: String
    var name: String?
    var subresource: String?

    var key: ObjectKey { ObjectKey(namespace: namespace, name: name ?? "") }

    /// `find` knows the kinds by group, version and plural name.
    init?(_ path: [String], find: (String, String, String) -> ResourceType?) {
        guard let root = path.first else { return nil }
        let prefix = root == "api" ? 2 : 3
        guard root == "api" || root == "apis", path.count > prefix else { return nil }
        let group = root == "api" ? "" : path[1]
        let version = path[prefix - 1]
        var rest = path[prefix...]
        namespace = ""
        if rest.first == "namespaces", rest.count >= 3, let inner = find(group, version, rest[prefix + 2]),
            inner.isNamespaced
        {
            namespace = rest[prefix + 1]
            rest = rest.dropFirst(2)
        }
        guard let plural = rest.first, let type = find(group, version, plural) else { return nil }
        self.type = type
        rest = rest.dropFirst()
        name = rest.first
        subresource = rest.dropFirst().first
        guard rest.count <= 2 else { return nil }
    }
}
