import Kubernetes

extension Cluster {
    private static func rbac(_ name: String) -> ResourceID {
        ResourceID(group: "rbac.authorization.k8s.io", name: name)
    }

    /// Whether the user may, by the bindings that are there.
    func mayDo(_ user: User, _ verb: String, _ target: Target) -> Bool {
        mayDo(
            user, verb, group: target.type.group, resource: target.type.name, subresource: target.subresource,
            namespace: target.namespace, name: target.name ?? "")
    }

    func mayDo(
        _ user: User, _ verb: String, group: String, resource: String, subresource: String?,
        namespace: String,
        name: String
    ) -> Bool {
        guard !user.groups.contains("system:masters") else { return true }
        let full = subresource.map { "\(resource)/\($0)" } ?? resource
        func allows(_ rule: JSON) -> Bool {
            func lists(_ field: String, _ value: String) -> Bool {
                let values = rule[field]?.strings ?? []
                return values.contains("*") || values.contains(value)
            }
            let isResource =
                lists("resources", full) || (subresource.map { lists("resources", "*/\($0)") } ?? false)
            let names = rule["resourceNames"]?.strings ?? []
            return lists("verbs", verb) && lists("apiGroups", group) && isResource
                && (names.isEmpty || names.contains(name))
        }
        return rules(for: user, in: namespace).contains(where: allows)
    }

    private func rules(for user: User, in namespace: String) -> [JSON] {
        var rules: [JSON] = []
        for (_, binding) in store.objects(of: Self.rbac("clusterrolebindings"), in: "")
        where Self.binds(binding, user, "") {
            rules += roleRules(binding, in: "")
        }
        guard !namespace.isEmpty else { return rules }
        for (_, binding) in store.objects(of: Self.rbac("rolebindings"), in: namespace)
        where Self.binds(binding, user, namespace) {
            rules += roleRules(binding, in: namespace)
        }
        return rules
    }

    private func roleRules(_ binding: JSON, in namespace: String) -> [JSON] {
        let isCluster = binding["roleRef", "kind"]?.string == "ClusterRole"
        let key = ObjectKey(
            namespace: isCluster ? "" : namespace, name: binding["roleRef", "name"]?.string ?? "")
        return store[.init(resource: Self.rbac(isCluster ? "clusterroles" : "roles"), key: key)]?["rules"]?
            .array ?? []
    }

    private static func binds(_ binding: JSON, _ user: User, _ namespace: String) -> Bool {
        (binding["subjects"]?.array ?? []).contains { subject in
            let name = subject["name"]?.string ?? ""
            switch subject["kind"]?.string {
            case "User": return user.name == name
            case "Group": return user.groups.contains(name)
            default:
                return user.name
                    == "system:serviceaccount:\(subject["namespace"]?.string ?? namespace):\(name)"
            }
        }
    }

    // MARK: - Reviews

    /// The answer to a review, which is created and never kept; `nil` for any other call.
    mutating func reviews(_ call: Call) throws(APIFault) -> Response? {
        guard call.method == "POST", let kind = call.path.last, call.path.first == "apis",
            call.path.count >= 4
        else {
            return nil
        }
        switch (call.path[1], kind) {
        case ("authorization.k8s.io", "selfsubjectaccessreviews"):
            return try accessReview(call, of: call.user)
        case ("authorization.k8s.io", "subjectaccessreviews"),
            ("authorization.k8s.io", "localsubjectaccessreviews"):
            let spec = try body(call)["spec"]
            return try accessReview(
                call, of: User(name: spec?["user"]?.string ?? "", groups: spec?["groups"]?.strings ?? []))
        case ("authorization.k8s.io", "selfsubjectrulesreviews"):
            var review = try body(call)
            review["status"] = [
                "resourceRules": .array(rules(for: call.user, in: review["spec", "namespace"]?.string ?? "")),
                "nonResourceRules": [], "incomplete": false,
            ]
            return Response(status: 201, review)
        case ("authentication.k8s.io", "tokenreviews"):
            return Response(status: 201, tokenReview(try body(call)))
        case ("authentication.k8s.io", "selfsubjectreviews"):
            var review = try body(call)
            review["status"] = ["userInfo": call.user.json]
            return Response(status: 201, review)
        default: return nil
        }
    }

    private func accessReview(_ call: Call, of user: User) throws(APIFault) -> Response {
        var review = try body(call)
        var isAllowed = user.groups.contains("system:masters")
        if let asked = review["spec", "resourceAttributes"] {
            let subresource = asked["subresource"]?.string ?? ""
            isAllowed = mayDo(
                user, asked["verb"]?.string ?? "", group: asked["group"]?.string ?? "",
                resource: asked["resource"]?.string ?? "",
                subresource: subresource.isEmpty ? nil : subresource,
                namespace: asked["namespace"]?.string ?? "", name: asked["name"]?.string ?? "")
        }
        review["status"] = ["allowed": .bool(isAllowed)]
        return Response(status: 201, review)
    }
}
