import API
import Admission
import Cryptography
package import Kubernetes

/// What a gateway is told: its connections and what binds them, as a `v1` `List`.
///
/// A gateway knows no labels of namespaces, and its part of the resources may lack connections that a policy names.
/// So each connection bears a label for each policy that binds it, and each policy selects that label: what binds
/// what was decided here, and what is told of one connection does not change with another.
package struct ConfigurationDocument: Sendable, Equatable {
    package let list: JSON
    /// SHA-256 of the list in canonical form, hexadecimal.
    package let revision: String

    /// - Parameter attachments: of connections of one namespace that can be read.
    package init(_ attachments: [Attachment]) {
        var items: [Identity: JSON] = [:]
        for attachment in attachments where attachment.bound != nil {
            items[Identity(.databaseConnection, attachment.connection.key)] = Self.connection(attachment)
            for policy in attachment.policies {
                items[Identity(policy.kind, policy.key)] = Self.policy(
                    policy, namespace: attachment.connection.key.namespace)
            }
        }
        list = [
            "apiVersion": "v1", "kind": "List",
            "items": .array(items.sorted { $0.key < $1.key }.map(\.value)),
        ]
        revision = Hexadecimal.encode(SHA256.digest(of: list.rendered))
    }

    private struct Identity: Hashable, Comparable {
        var kind: ResourceKind
        var key: ObjectKey

        init(_ kind: ResourceKind, _ key: ObjectKey) {
            self.kind = kind
            self.key = key
        }

        static func < (left: Self, right: Self) -> Bool {
            (left.kind.rawValue, left.key) < (right.kind.rawValue, right.key)
        }
    }

    private static func connection(_ attachment: Attachment) -> JSON {
        let connection = attachment.connection
        var item = object(
            .databaseConnection, connection.key, connection.spec, connection.generation, connection.changedBy)
        for policy in attachment.policies { item["metadata", "labels", label(of: policy)] = "true" }
        return item
    }

    private static func policy(_ policy: BoundPolicy, namespace: String) -> JSON {
        var spec = policy.spec
        var targets: JSON = ["connectionSelector": ["matchLabels": JSON([label(of: policy): "true"])]]
        if policy.selectsNamespaces {
            targets["namespaceSelector", "matchLabels", namespaceName] = .string(namespace)
        }
        spec["targets"] = targets
        return object(policy.kind, policy.key, spec, policy.generation, policy.changedBy)
    }

    /// With who wrote it, which the gateway records.
    private static func object(
        _ kind: ResourceKind, _ key: ObjectKey, _ spec: JSON, _ generation: Int64, _ changedBy: String
    ) -> JSON {
        var annotations = [ObjectMetadata.generationAnnotation: "\(generation)"]
        if !changedBy.isEmpty { annotations[ObjectMetadata.changedByAnnotation] = changedBy }
        return [
            "apiVersion": .string(ResourceKind.apiVersion), "kind": .string(kind.rawValue),
            "metadata": [
                "annotations": JSON(annotations), "name": .string(key.name),
                "namespace": .string(key.namespace),
            ], "spec": spec,
        ]
    }

    private static func label(of policy: BoundPolicy) -> String {
        "bound.weir.dev/\(policy.kind.rawValue).\(policy.key.namespace).\(policy.key.name)"
    }

    /// The label Kubernetes gives every namespace.
    private static let namespaceName = "kubernetes.io/metadata.name"
}
