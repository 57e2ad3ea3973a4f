import Kubernetes

/// One webhook that a change has to be shown to.
package struct Webhook: Sendable {
    package var name: String
    /// `https://host:port`.
    package var address: String
    package var path: String
    /// Whom its certificate must name.
    package var serverName: String
    /// Base64 of PEM; empty for the system's authorities.
    package var caBundle: String
    package var timeoutSeconds: Int64
    package var isMutating: Bool
    var ignoresFailure: Bool
    var isReinvoked: Bool
    var hasSideEffects: Bool
}

extension Cluster {
    private static let configurations: [(name: String, isMutating: Bool)] = [
        ("mutatingwebhookconfigurations", true), ("validatingwebhookconfigurations", false),
    ]

    /// Every webhook for the change, those that change it first, each kind in the order of their names.
    func webhooks(for pending: PendingWrite) throws(APIFault) -> [Webhook] {
        guard pending.type.group != "admissionregistration.k8s.io" else { return [] }
        var asked: [Webhook] = []
        for kind in Self.configurations {
            let identifier = ResourceID(group: "admissionregistration.k8s.io", name: kind.name)
            for (_, configuration) in store.objects(of: identifier, in: "") {
                for json in configuration["webhooks"]?.array ?? []
                where isMatched(rules: json["rules"]?.array ?? [], selectors: json, pending) {
                    let webhook = webhook(json, isMutating: kind.isMutating)
                    if try isAsked(webhook, json["matchConditions"], pending) { asked.append(webhook) }
                }
            }
        }
        return asked
    }

    private func isAsked(
        _ webhook: Webhook, _ conditions: JSON?, _ pending: PendingWrite
    ) throws(APIFault) -> Bool {
        do throws(RuleError) {
            return try areMet(conditions, evaluation(of: pending, pending.object))
        } catch {
            if webhook.ignoresFailure { return false }
            throw APIFault(
                403, "Forbidden",
                "\(pending.type.qualifiedName) \"\(pending.key.name)\" is forbidden: webhook \"\(webhook.name)\": "
                    + "matchConditions: \(error.message)")
        }
    }

    /// Whether a change is one that rules and selectors are about; no rules are all of them.
    func isMatched(rules: [JSON]?, selectors: JSON, _ pending: PendingWrite) -> Bool {
        let resource = pending.subresource.map { "\(pending.type.name)/\($0)" } ?? pending.type.name
        let isRuled = rules.map {
            $0.contains { rule in
                func lists(_ name: String, _ values: String...) -> Bool {
                    let listed = rule[name]?.strings ?? []
                    return listed.contains("*") || values.contains(where: listed.contains)
                }
                let scope = rule["scope"]?.string ?? "*"
                let isInScope = scope == "*" || (scope == "Namespaced") == pending.type.isNamespaced
                // `*` stands for no subresource.
                let listed = rule["resources"]?.strings ?? []
                let isResource =
                    pending.subresource.map { subresource in
                        [resource, "\(pending.type.name)/*", "*/\(subresource)", "*/*"]
                            .contains(where: listed.contains)
                    } ?? lists("resources", resource)
                let names = rule["resourceNames"]?.strings ?? []
                return lists("operations", pending.operation.rawValue)
                    && lists("apiGroups", pending.type.group)
                    && lists("apiVersions", pending.type.version) && isResource && isInScope
                    && (names.isEmpty || names.contains(pending.name))
            }
        }
        guard isRuled ?? true else { return false }
        if let selector = selectors["objectSelector"] {
            let selection = Selection(selector)
            let objects = [pending.operation == .delete ? nil : pending.object, pending.old].compactMap { $0 }
            guard
                objects.contains(where: {
                    selection.selects(labels: $0["metadata", "labels"]?.stringMap ?? [:])
                })
            else { return false }
        }
        guard let selector = selectors["namespaceSelector"] else { return true }
        let name =
            pending.type.identifier == ResourceType.namespaces ? pending.key.name : pending.key.namespace
        guard !name.isEmpty else { return true }
        let namespace = store[.init(resource: ResourceType.namespaces, key: ObjectKey(name: name))]
        return Selection(selector).selects(labels: namespace?["metadata", "labels"]?.stringMap ?? [:])
    }

    private func webhook(_ json: JSON, isMutating: Bool) -> Webhook {
        let client = json["clientConfig"] ?? [:]
        let parts = (client["url"]?.string ?? "").split(
            separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        var address = parts.prefix(3).joined(separator: "/")
        var path = parts.count == 4 ? "/\(parts[3])" : "/"
        var serverName = parts.count > 2 ? String(parts[2].prefix { $0 != ":" }) : ""
        if let service = client["service"] {
            let (namespace, name) = (service["namespace"]?.string ?? "", service["name"]?.string ?? "")
            // A service that nobody stands behind is where nobody listens.
            let known = serviceAddresses["\(namespace)/\(name):\(service["port"]?.integer ?? 443)"]
            address = known ?? "https://127.0.0.1:1"
            path = service["path"]?.string ?? "/"
            serverName = "\(name).\(namespace).svc"
        }
        return Webhook(
            name: json["name"]?.string ?? "", address: address, path: path, serverName: serverName,
            caBundle: client["caBundle"]?.string ?? "", timeoutSeconds: json["timeoutSeconds"]?.integer ?? 10,
            isMutating: isMutating, ignoresFailure: json["failurePolicy"]?.string == "Ignore",
            isReinvoked: json["reinvocationPolicy"]?.string == "IfNeeded",
            hasSideEffects: !["None", "NoneOnDryRun"].contains(json["sideEffects"]?.string ?? ""))
    }
}
