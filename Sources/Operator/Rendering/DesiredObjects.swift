import API
package import Admission
package import Kubernetes

/// An object that should be, of a kind.
package struct DesiredObject: Sendable, Equatable {
    package var resource: APIResource
    package var content: JSON

    var key: ObjectKey {
        let metadata = content["metadata"]
        return ObjectKey(
            namespace: metadata?["namespace"]?.string ?? "", name: metadata?["name"]?.string ?? "")
    }
}

/// Everything that should be in a connection's namespace on its account.
package struct DesiredObjects: Sendable, Equatable {
    package var objects: [DesiredObject]
    /// Why something is left out; each a sentence.
    package var faults: [String]
    /// Of what is left out, whose last state is better than none.
    var kept: Set<APIResource> = []

    /// Of all values of a ConfigMap, in bytes: what the API server takes is 1 MiB of them.
    static let maximumSnapshotLength = (1 << 20) - 4096
    /// Of a label, as a Service's name is one.
    private static let maximumServiceName = 63
    private static let maximumName = 253

    /// For a connection that is gone.
    static let nothing = DesiredObjects()

    private init() { (objects, faults) = ([], []) }

    /// `document` is what the connection's gateways are told; `authorities` is the PEM of whom they trust to be the operator.
    package init(
        of attachment: Attachment, _ document: ConfigurationDocument, authorities: String,
        settings: InstallationSettings
    ) {
        (objects, faults) = ([], [])
        guard let bound = attachment.bound else { return }
        let frame = ObjectFrame(connection: attachment.connection)
        let name = attachment.connection.key.name
        let text = String(decoding: document.list.rendered, as: UTF8.self)
        if OwnNames.snapshot(of: name).utf8.count > Self.maximumName {
            faults.append("its name is too long for a ConfigMap weir-config-\(name)")
        } else if text.utf8.count + authorities.utf8.count > Self.maximumSnapshotLength {
            faults.append(
                "its policies and rules take \(text.utf8.count) bytes, and a ConfigMap holds "
                    + "\(Self.maximumSnapshotLength)")
            // Pods cannot start without a snapshot, and are told what it lacks.
            kept.insert(.configMaps)
        } else {
            objects.append(
                frame.object(
                    .configMaps, name: OwnNames.snapshot(of: name),
                    annotations: [OwnNames.revision: document.revision],
                    [
                        "data": .object(
                            .init([
                                ("\(name).yaml", .string(text)), ("operator-ca.crt", .string(authorities)),
                            ]))
                    ]))
        }
        guard bound.connection.spec.bastion.enabled, bound.obstacle == nil else { return }
        if OwnNames.bastion(of: name).utf8.count > Self.maximumServiceName || name.contains(".") {
            faults.append("its name makes no name of a Service, weir-bastion-\(name)")
        } else {
            objects += Bastion(bound: bound, settings: settings).objects(in: frame)
        }
    }
}

/// What all objects of a connection have in common.
struct ObjectFrame {
    let connection: ObservedResource<DatabaseConnection>

    func object(
        _ resource: APIResource, name: String, annotations: [String: String] = [:], _ fields: JSON
    ) -> DesiredObject {
        var content = fields
        content["apiVersion"] = .string(resource.apiVersion)
        content["kind"] = .string(resource.kind)
        content["metadata"] = [
            "name": .string(name), "namespace": .string(connection.key.namespace),
            "labels": JSON([OwnNames.managedBy.label: OwnNames.managedBy.value]),
            "ownerReferences": [
                [
                    "apiVersion": .string(ResourceKind.apiVersion),
                    "kind": .string(ResourceKind.databaseConnection.rawValue),
                    "name": .string(connection.key.name), "uid": .string(connection.uid), "controller": true,
                ]
            ],
        ]
        content["metadata", "annotations"] = JSON(annotations)
        content["metadata", "annotations", OwnNames.applied] = .string(AppliedDigest.of(content))
        return DesiredObject(resource: resource, content: content)
    }
}
