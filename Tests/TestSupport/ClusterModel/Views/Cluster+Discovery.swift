import Kubernetes

extension Cluster {
    /// Kinds that are answered and never kept.
    private static let virtual:
        [(group: String, version: String, name: String, kind: String, isNamespaced: Bool)] = [
            ("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
            ("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false),
            ("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
            ("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
            ("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false),
            ("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false),
        ]

    /// What the server tells of itself; `nil` for any other path.
    func discovery(_ call: Call) -> Response? {
        switch (call.path.first, call.path.count) {
        case ("version", 1): return Response(Self.version)
        case ("healthz", _), ("livez", _), ("readyz", _): return Response(text: "ok")
        case ("api", 1):
            return aggregated(call, isCore: true) ?? Response(["kind": "APIVersions", "versions": ["v1"]])
        case ("apis", 1): return aggregated(call, isCore: false) ?? Response(groupList)
        case ("api", 2) where call.path[1] == "v1": return Response(resourceList(group: "", version: "v1"))
        case ("apis", 2):
            guard let group = groups.first(where: { $0.name == call.path[1] }) else { return nil }
            return Response(Self.json(of: group))
        case ("apis", 3):
            guard groups.contains(where: { $0.name == call.path[1] && $0.version == call.path[2] }) else {
                return nil
            }
            return Response(resourceList(group: call.path[1], version: call.path[2]))
        case ("openapi", 2) where call.path[1] == "v2": return Response(openAPIv2)
        case ("openapi", 2) where call.path[1] == "v3": return Response(openAPIv3Index)
        case ("openapi", 3...): return openAPIv3(of: Array(call.path[2...])).map { Response($0) }
        default: return nil
        }
    }

    private static let version: JSON = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
    ]

    /// But the core one.
    private var groups: [(name: String, version: String)] {
        var groups: [(name: String, version: String)] = []
        let all = types.map { ($0.group, $0.version) } + Self.virtual.map { ($0.group, $0.version) }
        for (name, version) in all where !name.isEmpty && !groups.contains(where: { $0.name == name }) {
            groups.append((name, version))
        }
        return groups
    }

    private static func json(of group: (name: String, version: String)) -> JSON {
        let version: JSON = [
            "groupVersion": .string("\(group.name)/\(group.version)"), "version": .string(group.version),
        ]
        return [
            "kind": "APIGroup", "apiVersion": "v1", "name": .string(group.name), "versions": [version],
            "preferredVersion": version,
        ]
    }

    private var groupList: JSON {
        ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(Self.json))]
    }

    private static let verbs: JSON = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]

    private func resourceList(group: String, version: String) -> JSON {
        var resources: [JSON] = []
        for type in types where type.group == group {
            var resource: JSON = [
                "name": .string(type.name), "singularName": .string(type.singular),
                "namespaced": .bool(type.isNamespaced),
                "kind": .string(type.kind), "verbs": Self.verbs,
            ]
            if !type.shortNames.isEmpty { resource["shortNames"] = JSON(type.shortNames) }
            if !type.categories.isEmpty { resource["categories"] = JSON(type.categories) }
            resources.append(resource)
            resources += type.subresources.map { name in
                let kind = Self.subresourceKinds[name] ?? type.kind
                var resource: JSON = [
                    "name": .string("\(type.name)/\(name)"), "singularName": "",
                    "namespaced": .bool(type.isNamespaced),
                    "kind": .string(kind), "verbs": Self.verbs(of: name),
                ]
                if name == "scale" {
                    resource["group"] = "autoscaling"
                    resource["version"] = "v1"
                }
                return resource
            }
        }
        resources += Self.virtual.filter { $0.group == group }.map { type in
            [
                "name": .string(type.name), "singularName": "", "namespaced": .bool(type.isNamespaced),
                "kind": .string(type.kind), "verbs": ["create"],
            ]
        }
        let groupVersion = group.isEmpty ? version : "\(group)/\(version)"
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion),
            "resources": .array(resources),
        ]
    }

    private static let subresourceKinds = ["eviction": "Eviction", "scale": "Scale", "token": "TokenRequest"]

    private static func verbs(of subresource: String) -> JSON {
        ["ephemeralcontainers", "status", "scale"].contains(subresource)
            ? ["get", "patch", "update"] : ["create"]
    }

    // MARK: - Aggregated

    /// Everything at once, where the client takes it so.
    private func aggregated(_ call: Call, isCore: Bool) -> Response? {
        let versions = ["v2", "v2beta1"].filter {
            call.accept.contains("g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList")
        }
        guard let version = versions.first else { return nil }
        let groups = isCore ? [("", "v1")] : groups.map { ($0.name, $0.version) }
        let items = groups.map { group, groupVersion -> JSON in
            var metadata: JSON = ["creationTimestamp": .null]
            if !group.isEmpty { metadata["name"] = .string(group) }
            return [
                "metadata": metadata,
                "versions": [
                    [
                        "version": .string(groupVersion), "freshness": "Current",
                        "resources": .array(discoveries(of: group)),
                    ]
                ],
            ]
        }
        var response = Response([
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
            "metadata": [:],
            "items": .array(items),
        ])
        response.contentType = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        return response
    }

    private func discoveries(of group: String) -> [JSON] {
        let kept = types.filter { $0.group == group }.map { type -> JSON in
            let subresources = type.subresources.map { name -> JSON in
                [
                    "subresource": .string(name),
                    "responseKind": name == "scale"
                        ? Self.kind("autoscaling", "v1", "Scale")
                        : Self.kind(type.group, type.version, Self.subresourceKinds[name] ?? type.kind),
                    "verbs": Self.verbs(of: name),
                ]
            }
            return [
                "resource": .string(type.name),
                "responseKind": Self.kind(type.group, type.version, type.kind),
                "scope": type.isNamespaced ? "Namespaced" : "Cluster",
                "singularResource": .string(type.singular),
                "verbs": Self.verbs, "shortNames": JSON(type.shortNames), "categories": JSON(type.categories),
                "subresources": .array(subresources),
            ]
        }
        return kept
            + Self.virtual.filter { $0.group == group }.map { type in
                [
                    "resource": .string(type.name),
                    "responseKind": Self.kind(type.group, type.version, type.kind),
                    "scope": type.isNamespaced ? "Namespaced" : "Cluster", "singularResource": "",
                    "verbs": ["create"],
                ]
            }
    }

    static func kind(_ group: String, _ version: String, _ kind: String) -> JSON {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }
}
