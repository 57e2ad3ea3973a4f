import Admission
package import Kubernetes

/// What is kept of a pod: some 2 KB, of a pod of any size.
package enum PodProjection {
    package static let paths = JSON.Projection(
        [
            ["metadata", "labels"], ["metadata", "ownerReferences"], ["metadata", "deletionTimestamp"],
            ["metadata", "creationTimestamp"], ["spec", "serviceAccountName"], ["spec", "hostNetwork"],
            ["spec", "os", "name"],
            ["spec", "initContainers", "*", "name"], ["spec", "initContainers", "*", "image"],
            ["spec", "containers", "*", "name"], ["spec", "containers", "*", "image"],
            ["status", "phase"], ["status", "podIP"],
            ["status", "conditions", "*", "type"], ["status", "conditions", "*", "status"],
            ["status", "initContainerStatuses", "*", "name"],
            ["status", "initContainerStatuses", "*", "ready"],
            ["status", "containerStatuses", "*", "name"], ["status", "containerStatuses", "*", "ready"],
        ]
            + [PodMark.injectionHash, PodMark.connections, PodMark.owner, PodMark.mirror].map {
                ["metadata", "annotations", $0]
            })
}

/// What admission leaves on a pod.
enum PodMark {
    static let container = "weir-gateway"
    static let injectionHash = "weir.dev/injection-hash"
    static let connections = "weir.dev/connections"
    /// Annotation, which whoever deploys the pod makes: who answers for it.
    static let owner = "weir.dev/owner"
    /// Longest name of an owner that is taken, in bytes. Ours.
    static let maximumOwnerLength = 1024
    /// Annotation of kubelet on the image of a pod that its node runs by itself.
    static let mirror = "kubernetes.io/config.mirror"
    /// Label of a bastion's pods: their connection.
    static let bastion = "weir.dev/bastion"
}

/// A pod as far as the operator is concerned with it.
package struct ObservedPod: Sendable, Equatable {
    package var key: ObjectKey
    package var uid: String
    package var labels: [String: String]
    package var serviceAccount: String
    /// Who answers for it; `nil`: nobody.
    var owner: String?
    /// Empty until it has one.
    var address: String
    var injectionHash: String
    /// Those its gateway serves.
    var connections: Set<String>
    var gateway: Gateway?
    /// Deleted, and there until its containers have stopped.
    var isEnding: Bool
    /// Its containers have ended for good.
    var hasEnded: Bool
    /// Neither ended nor ending.
    var isLive: Bool
    var isReady: Bool
    var isOnHostNetwork: Bool
    var isOnWindows: Bool
    /// Its node runs it whatever the API server says; the object only shows it.
    var isStatic: Bool
    var controller: ObjectMeta.OwnerReference?

    struct Gateway: Sendable, Equatable {
        var image: String
        /// Among `spec.initContainers`, or else `spec.containers`.
        var isNative: Bool
        var index: Int
        var isReady: Bool
    }

    package init(_ pod: APIObject) {
        let (content, metadata) = (pod.content, pod.metadata)
        key = pod.key
        uid = pod.uid
        labels = metadata.labels
        let account = content["spec", "serviceAccountName"]?.string ?? ""
        serviceAccount = account.isEmpty ? "default" : account
        owner = metadata.annotations[PodMark.owner].flatMap { Self.isOwner($0) ? $0 : nil }
        address = content["status", "podIP"]?.string ?? ""
        injectionHash = metadata.annotations[PodMark.injectionHash] ?? ""
        connections = Set(
            (metadata.annotations[PodMark.connections] ?? "").split(separator: ",").map(String.init))
        gateway =
            Self.gateway(content, "initContainers", isNative: true)
            ?? Self.gateway(content, "containers", isNative: false)
        let phase = content["status", "phase"]?.string ?? ""
        isEnding = metadata.deletionTimestamp != nil
        let hasEnded = phase == "Succeeded" || phase == "Failed"
        self.hasEnded = hasEnded
        isLive = !isEnding && !hasEnded
        isReady = (content["status", "conditions"]?.array ?? []).contains {
            $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
        }
        isOnHostNetwork = content["spec", "hostNetwork"]?.bool == true
        isOnWindows = content["spec", "os", "name"]?.string == "windows"
        isStatic = metadata.annotations[PodMark.mirror] != nil
        controller = metadata.ownerReferences.first(where: \.isController)
    }

    private static func isOwner(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= PodMark.maximumOwnerLength
            && !name.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    private static func gateway(_ pod: JSON, _ list: String, isNative: Bool) -> Gateway? {
        let containers = pod["spec", list]?.array ?? []
        guard let index = containers.firstIndex(where: { $0["name"]?.string == PodMark.container }) else {
            return nil
        }
        let statuses = pod["status", isNative ? "initContainerStatuses" : "containerStatuses"]?.array ?? []
        let isReady = statuses.contains {
            $0["name"]?.string == PodMark.container && $0["ready"]?.bool == true
        }
        return Gateway(
            image: containers[index]["image"]?.string ?? "", isNative: isNative, index: index,
            isReady: isReady)
    }

    /// Whether it is that pod, and its containers may run.
    func mayRun(as pod: PodIdentity) -> Bool { uid == pod.uid && !hasEnded }

    /// Whether it may be selected at all.
    var optsOut: Bool { OptIn.isRefused(by: labels) }
}
