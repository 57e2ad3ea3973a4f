package import Kubernetes

/// What the operator must be allowed to do, asked of the API server itself.
package struct AccessCheck: Sendable {
    private let needs: [ResourceAttributes]

    /// - Parameters:
    ///   - scopes: namespaces that are watched; `nil` alone for all.
    ///   - namespace: the operator's own.
    package init(scopes: [String?], namespace: String) {
        var needs: [ResourceAttributes] = []
        for scope in scopes.map({ $0 ?? "" }) {
            for rule in Self.rules {
                needs += rule.verbs.map { verb in
                    ResourceAttributes(
                        verb: verb, group: rule.group, resource: rule.resource, subresource: rule.subresource,
                        namespace: scope)
                }
            }
        }
        needs += ["get", "create", "update"].map {
            ResourceAttributes(
                verb: $0, group: APIResource.leases.group, resource: APIResource.leases.name,
                namespace: namespace, name: $0 == "create" ? "" : "weir-operator")
        }
        needs.append(
            ResourceAttributes(verb: "create", group: "authentication.k8s.io", resource: "tokenreviews"))
        if scopes == [nil] {
            needs += ["list", "watch"].map { ResourceAttributes(verb: $0, resource: "namespaces") }
        }
        self.needs = needs
    }

    private struct Rule {
        var group = ""
        var resource: String
        var subresource = ""
        var verbs: [String]
    }

    private static let rules: [Rule] = [
        Rule(group: "weir.dev", resource: "databaseconnections", verbs: ["list", "watch"]),
        Rule(group: "weir.dev", resource: "maskingpolicies", verbs: ["list", "watch"]),
        Rule(group: "weir.dev", resource: "approvalrules", verbs: ["list", "watch"]),
        Rule(group: "weir.dev", resource: "approvalrequests", verbs: ["list", "watch", "create", "delete"]),
        Rule(group: "weir.dev", resource: "databaseconnections", subresource: "status", verbs: ["patch"]),
        Rule(group: "weir.dev", resource: "maskingpolicies", subresource: "status", verbs: ["patch"]),
        Rule(group: "weir.dev", resource: "approvalrules", subresource: "status", verbs: ["patch"]),
        Rule(group: "weir.dev", resource: "approvalrequests", subresource: "status", verbs: ["patch"]),
        Rule(resource: "pods", verbs: ["get", "list", "watch", "patch"]),
        Rule(resource: "pods", subresource: "eviction", verbs: ["create"]),
        Rule(resource: "configmaps", verbs: ["list", "watch", "create", "patch", "delete"]),
        Rule(resource: "services", verbs: ["list", "watch", "create", "patch", "delete"]),
        Rule(resource: "events", verbs: ["create"]),
        Rule(
            group: "apps", resource: "deployments",
            verbs: ["get", "list", "watch", "create", "patch", "delete"]),
        Rule(group: "apps", resource: "replicasets", verbs: ["get"]),
        Rule(group: "apps", resource: "statefulsets", verbs: ["get", "patch"]),
        Rule(group: "apps", resource: "daemonsets", verbs: ["get", "patch"]),
    ]

    /// What is not allowed, each in a line.
    /// - Throws: when the API server does not say.
    package func forbidden(by server: any APIServer) async throws(APIError) -> [String] {
        var forbidden: [String] = []
        for need in needs {
            let answer = AccessReviewAnswer(try await server.answer(to: .reviewAccess(need)))
            if !answer.isAllowed { forbidden.append(Self.text(need)) }
        }
        return forbidden
    }

    private static func text(_ need: ResourceAttributes) -> String {
        let group = need.group.isEmpty ? "" : ".\(need.group)"
        let subresource = need.subresource.isEmpty ? "" : "/\(need.subresource)"
        let place = need.namespace.isEmpty ? "" : " in namespace \(need.namespace)"
        return "\(need.verb) \(need.resource)\(group)\(subresource)\(place)"
    }
}
