import API
package import Kubernetes

extension APIResource {
    package static let databaseConnections = weir("databaseconnections", .databaseConnection)
    package static let maskingPolicies = weir("maskingpolicies", .maskingPolicy)
    package static let approvalRules = weir("approvalrules", .approvalRule)

    package static let approvalRequests = weir("approvalrequests", .approvalRequest)

    package static let configMaps = APIResource(
        group: "", version: "v1", name: "configmaps", kind: "ConfigMap")
    package static let services = APIResource(group: "", version: "v1", name: "services", kind: "Service")
    package static let events = APIResource(group: "", version: "v1", name: "events", kind: "Event")
    package static let namespaces = APIResource(
        group: "", version: "v1", name: "namespaces", kind: "Namespace", isNamespaced: false)
    package static let nodes = APIResource(
        group: "", version: "v1", name: "nodes", kind: "Node", isNamespaced: false)
    package static let deployments = apps("deployments", "Deployment")
    static let replicaSets = apps("replicasets", "ReplicaSet")
    static let statefulSets = apps("statefulsets", "StatefulSet")
    static let daemonSets = apps("daemonsets", "DaemonSet")

    private static func weir(_ name: String, _ kind: ResourceKind) -> Self {
        APIResource(group: ResourceKind.group, version: "v1alpha1", name: name, kind: kind.rawValue)
    }

    private static func apps(_ name: String, _ kind: String) -> Self {
        APIResource(group: "apps", version: "v1", name: name, kind: kind)
    }
}

/// Names by which the operator knows what it made.
package enum OwnNames {
    package static let managedBy = (label: "app.kubernetes.io/managed-by", value: "weir-operator")
    package static var selector: String { "\(managedBy.label)=\(managedBy.value)" }
    /// Annotation: digest of what was last applied.
    static let applied = "weir.dev/applied"
    /// Annotation: what gateways are told of the connection.
    static let revision = "weir.dev/config-revision"

    static func snapshot(of connection: String) -> String { "weir-config-\(connection)" }
    static func bastion(of connection: String) -> String { "weir-bastion-\(connection)" }

    /// Which connection an object of one of these names is about.
    static func connection(of object: String) -> String? {
        for prefix in ["weir-config-", "weir-bastion-"] where object.hasPrefix(prefix) {
            return String(object.dropFirst(prefix.count))
        }
        return nil
    }

    static let fieldManager = "weir-operator"
    static let statusFieldManager = "weir-operator-status"
    static let notificationFieldManager = "weir-operator-notifications"
}
