import Kubernetes

/// What the server checks of its own kinds: as much as clients are known to run into.
enum BuiltInRules {
    /// Of all values of a ConfigMap or Secret, in bytes.
    static let maximumData = 1 << 20

    /// Times of Leases have exactly six digits after the point.
    static func checkTimes(of object: JSON, _ type: ResourceType) throws(APIFault) {
        guard type.identifier == ResourceID(group: "coordination.k8s.io", name: "leases") else { return }
        for name in ["acquireTime", "renewTime"] {
            guard let text = object["spec", name]?.string else { continue }
            let fraction = text.split(separator: ".").dropFirst().first.map { $0.prefix(while: \.isNumber) }
            guard Timestamp(text) != nil, fraction?.count == 6 else {
                throw .badRequest(
                    "Lease in version \"v1\" cannot be handled as a Lease: parsing time \"\(text)\" as "
                        + "\"2006-01-02T15:04:05.000000Z07:00\": cannot parse")
            }
        }
    }

    static func faults(
        in object: JSON, old: JSON?, _ type: ResourceType, subresource: String?
    ) -> [FieldFault] {
        var faults: [FieldFault] = []
        let name = object["metadata", "name"]?.string ?? ""
        if !isName(name) {
            faults.append(
                .invalid(
                    "metadata.name", .string(name),
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
                ))
        }
        switch (type.group, type.name) {
        case ("", "configmaps"), ("", "secrets"):
            let data = ["data", "binaryData", "stringData"].flatMap {
                object[$0]?.stringMap.values.map(\.utf8.count) ?? []
            }
            if data.reduce(0, +) > maximumData {
                faults.append(
                    FieldFault(
                        reason: "FieldValueTooLong", field: "",
                        message: "Too long: may not be more than \(maximumData) bytes"))
            }
            if let old, old["immutable"]?.bool == true, old["data"] != object["data"] {
                faults.append(
                    FieldFault(
                        reason: "FieldValueForbidden", field: "data",
                        message: "Forbidden: field is immutable when `immutable` is set"))
            }
        case ("", "pods"):
            if object["spec", "containers"]?.array?.isEmpty ?? true {
                faults.append(.required("spec.containers"))
            }
            // Debugging containers are added by a request of their own.
            if let old, subresource != "ephemeralcontainers", withoutMutable(old) != withoutMutable(object) {
                faults.append(
                    FieldFault(
                        reason: "FieldValueForbidden", field: "spec",
                        message: "Forbidden: pod updates may not change fields other than "
                            + "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                            + "`spec.tolerations` (only additions to existing tolerations),"
                            + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
                    ))
            }
        case ("apps", "deployments"), ("apps", "statefulsets"), ("apps", "daemonsets"),
            ("apps", "replicasets"):
            let selector = object["spec", "selector", "matchLabels"]?.stringMap ?? [:]
            let labels = object["spec", "template", "metadata", "labels"]?.stringMap ?? [:]
            if object["spec", "selector"] == nil { faults.append(.required("spec.selector")) }
            if selector.contains(where: { labels[$0.key] != $0.value }) {
                faults.append(
                    .invalid(
                        "spec.template.metadata.labels", JSON(labels),
                        "`selector` does not match template `labels`"))
            }
            if let old, old["spec", "selector"] != object["spec", "selector"] {
                faults.append(
                    .invalid("spec.selector", object["spec", "selector"] ?? .null, "field is immutable"))
            }
        default: break
        }
        return faults
    }

    /// What of a pod's spec no update may change.
    private static func withoutMutable(_ pod: JSON) -> JSON? {
        var spec = pod["spec"]
        for list in ["containers", "initContainers"] {
            guard let items = spec?[list]?.array else { continue }
            spec?[list] = .array(
                items.map { item in
                    var item = item
                    item["image"] = nil
                    return item
                })
        }
        for name in [
            "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates",
        ] {
            spec?[name] = nil
        }
        return spec
    }

    private static func isName(_ name: String) -> Bool {
        // RBAC's own kinds have names with colons.
        !name.isEmpty && name.utf8.count <= 253 && !name.contains("/") && !name.contains("%")
            && name.utf8.allSatisfy { !(0x41...0x5A).contains($0) || name.contains(":") }
    }
}
