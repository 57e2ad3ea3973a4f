import Kubernetes

/// A kind of object as this server has it.
package struct ResourceType: Sendable, Equatable {
    var group: String
    var version: String
    /// The plural in paths.
    var name: String
    var kind: String
    var isNamespaced = true
    var singular: String { singularName ?? kind.lowercased() }
    var singularName: String?
    var shortNames: [String] = []
    var categories: [String] = []
    var hasStatus = false
    /// Kinds whose objects count the changes of what they ask for.
    var hasGeneration = false
    /// Of a custom resource: its schema, `openAPIV3Schema`.
    var schema: JSON?
    /// Of a custom resource: `additionalPrinterColumns`.
    var columns: [JSON] = []

    var isCustom: Bool { schema != nil }
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// As messages name it: `databaseconnections.weir.dev`.
    var qualifiedName: String { group.isEmpty ? name : "\(name).\(group)" }
    var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }
    var identifier: ResourceID { ResourceID(group: group, name: name) }

    /// The subresources that can be read or written apart.
    var subresources: [String] {
        var names = hasStatus ? ["status"] : []
        if group == "apps", name != "daemonsets", hasStatus { names.append("scale") }
        if group.isEmpty, name == "pods" { names += ["ephemeralcontainers", "eviction"] }
        if group.isEmpty, name == "serviceaccounts" { names.append("token") }
        return names
    }
}

/// Names a kind of object whatever its version.
package struct ResourceID: Sendable, Hashable {
    var group: String
    var name: String
}

extension ResourceType {
    /// What the server has without any definition. No version but one is served of each.
    static let builtIn: [ResourceType] = {
        func core(
            _ name: String, _ kind: String, short: [String] = [], status: Bool = false, all: Bool = false
        )
            -> ResourceType
        {
            ResourceType(
                group: "", version: "v1", name: name, kind: kind, shortNames: short,
                categories: all ? ["all"] : [], hasStatus: status)
        }
        func cluster(_ type: ResourceType) -> ResourceType {
            var type = type
            type.isNamespaced = false
            return type
        }
        func type(
            _ group: String, _ name: String, _ kind: String, short: [String] = [], status: Bool = false,
            all: Bool = false, version: String = "v1"
        ) -> ResourceType {
            ResourceType(
                group: group, version: version, name: name, kind: kind, shortNames: short,
                categories: all ? ["all"] : [], hasStatus: status, hasGeneration: status)
        }
        return [
            core("configmaps", "ConfigMap", short: ["cm"]),
            core("endpoints", "Endpoints", short: ["ep"]),
            core("events", "Event", short: ["ev"]),
            cluster(core("namespaces", "Namespace", short: ["ns"], status: true)),
            cluster(core("nodes", "Node", short: ["no"], status: true)),
            core("persistentvolumeclaims", "PersistentVolumeClaim", short: ["pvc"], status: true),
            core("pods", "Pod", short: ["po"], status: true, all: true),
            core("secrets", "Secret"),
            core("serviceaccounts", "ServiceAccount", short: ["sa"]),
            core("services", "Service", short: ["svc"], status: true, all: true),
            type("apps", "daemonsets", "DaemonSet", short: ["ds"], status: true, all: true),
            type("apps", "deployments", "Deployment", short: ["deploy"], status: true, all: true),
            type("apps", "replicasets", "ReplicaSet", short: ["rs"], status: true, all: true),
            type("apps", "statefulsets", "StatefulSet", short: ["sts"], status: true, all: true),
            type("batch", "cronjobs", "CronJob", short: ["cj"], status: true, all: true),
            type("batch", "jobs", "Job", status: true, all: true),
            type("coordination.k8s.io", "leases", "Lease"),
            type("events.k8s.io", "events", "Event", short: ["ev"]),
            type("networking.k8s.io", "networkpolicies", "NetworkPolicy", short: ["netpol"]),
            type("networking.k8s.io", "ingresses", "Ingress", short: ["ing"], status: true),
            type("policy", "poddisruptionbudgets", "PodDisruptionBudget", short: ["pdb"], status: true),
            type("rbac.authorization.k8s.io", "roles", "Role"),
            type("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
            cluster(type("rbac.authorization.k8s.io", "clusterroles", "ClusterRole")),
            cluster(type("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding")),
            cluster(
                type(
                    "admissionregistration.k8s.io", "mutatingwebhookconfigurations",
                    "MutatingWebhookConfiguration")),
            cluster(
                type(
                    "admissionregistration.k8s.io", "validatingwebhookconfigurations",
                    "ValidatingWebhookConfiguration")),
            cluster(
                type(
                    "admissionregistration.k8s.io", "validatingadmissionpolicies",
                    "ValidatingAdmissionPolicy", status: true)),
            cluster(
                type(
                    "admissionregistration.k8s.io", "validatingadmissionpolicybindings",
                    "ValidatingAdmissionPolicyBinding")),
            cluster(
                type(
                    "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition",
                    short: ["crd", "crds"], status: true)),
            cluster(type("scheduling.k8s.io", "priorityclasses", "PriorityClass", short: ["pc"])),
        ]
    }()

    static let definitions = ResourceID(group: "apiextensions.k8s.io", name: "customresourcedefinitions")
    static let namespaces = ResourceID(group: "", name: "namespaces")
    static let secrets = ResourceID(group: "", name: "secrets")
    static let pods = ResourceID(group: "", name: "pods")

    /// What a CustomResourceDefinition defines; `nil` where it lacks a version that is stored and served.
    init?(definition: JSON) {
        guard let spec = definition["spec"], let group = spec["group"]?.string,
            let names = spec["names"], let plural = names["plural"]?.string, let kind = names["kind"]?.string,
            let version = spec["versions"]?.array?.first(where: { $0["storage"]?.bool == true }),
            version["served"]?.bool == true, let versionName = version["name"]?.string,
            let schema = version["schema", "openAPIV3Schema"]
        else { return nil }
        self.init(
            group: group, version: versionName, name: plural, kind: kind,
            isNamespaced: spec["scope"]?.string != "Cluster", singularName: names["singular"]?.string,
            shortNames: names["shortNames"]?.strings ?? [], categories: names["categories"]?.strings ?? [],
            hasStatus: version["subresources", "status"] != nil, hasGeneration: true, schema: schema,
            columns: version["additionalPrinterColumns"]?.array ?? [])
    }
}
