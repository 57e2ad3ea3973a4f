import API
import Admission
import Kubernetes

extension ClusterView {
    /// Connections that a pod's gateway serves, by its labels.
    mutating func attachments(of pod: ObservedPod) -> [Attachment] {
        if let name = pod.labels[PodMark.bastion] {
            return attachments(in: pod.key.namespace).filter { attachment in
                attachment.connection.key.name == name
                    && attachment.bound?.connection.spec.bastion.enabled ?? false
            }
        }
        guard !pod.optsOut else { return [] }
        return attachments(in: pod.key.namespace).filter { attachment in
            attachment.bound?.connection.spec.podSelector.selects(pod.labels) ?? false
        }
    }

    mutating func serves(_ pod: ObservedPod) -> Bool { !attachments(of: pod).isEmpty }

    /// Whether a gateway that is served stays so: also while nobody can read a connection that it has.
    mutating func goesOnServing(_ pod: ObservedPod) -> Bool {
        serves(pod)
            || attachments(in: pod.key.namespace).contains { attachment in
                let name = attachment.connection.key.name
                return attachment.bound == nil
                    && (pod.labels[PodMark.bastion] == name || pod.connections.contains(name))
            }
    }

    /// What a pod's gateway is to be told; `nil` while it is to keep what it has.
    package mutating func configuration(of pod: ObservedPod) -> ConfigurationDocument? {
        let attachments = attachments(of: pod)
        guard !attachments.isEmpty, attachments.allSatisfy(\.obstacles.isEmpty) else { return nil }
        return document(of: attachments, in: pod.key.namespace)
    }
}
