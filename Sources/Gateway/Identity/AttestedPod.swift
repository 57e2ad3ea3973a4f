import API
import Manifests

/// Who the clients beside the gateway are: as the operator attests it where there is one, as the gateway was told otherwise.
struct AttestedPod {
    private static let fileName = "workload"

    /// As the gateway was told; `nil`: clients of this machine are nobody without a credential.
    private let claimed: GatewayConfiguration.Workload?
    /// Where the attestation is kept while the pod lives; `nil` without an operator.
    private let file: PrivateFile?
    private var attested: AttestedWorkload?
    /// Who it was before the operator refused it for the first time in a row, which may be passing.
    private var refusedOnce: AttestedWorkload?

    init(_ configuration: GatewayConfiguration) {
        claimed = configuration.workload
        file = configuration.controlPlane.map { _ in
            PrivateFile(path: "\(configuration.data)/\(Self.fileName)")
        }
        restore(in: configuration.namespace)
    }

    /// Clients of this machine may be the workload.
    var isExpected: Bool { claimed != nil }

    /// `nil` until it is attested.
    var subject: Subject? { subject(as: attested) }

    /// Whose the sessions are that run: they stay when the operator refuses the pod, and end when it does so again.
    var subjectOfSessions: Subject? { subject(as: attested ?? refusedOnce) }

    private func subject(as attested: AttestedWorkload?) -> Subject? {
        guard let claimed else { return nil }
        guard file != nil else {
            return Subject(name: claimed.name, groups: claimed.groups, proof: .workload)
        }
        return attested.map { pod in
            var attributes = [
                "namespace": pod.namespace, "serviceAccount": pod.serviceAccount, "pod": pod.pod,
                "uid": pod.uid,
            ]
            attributes[Subject.ownerAttribute] = pod.owner
            return Subject(name: pod.user, groups: pod.groups, proof: .workload, attributes: attributes)
        }
    }

    mutating func attested(_ pod: AttestedWorkload) {
        refusedOnce = nil
        guard pod != attested else { return }
        attested = pod
        let lines = [pod.namespace, pod.serviceAccount, pod.pod, pod.uid] + (pod.owner.map { [$0] } ?? [])
        _ = file?.write(Array(lines.joined(separator: "\n").utf8))
    }

    /// The operator refuses the pod: its clients are nobody.
    mutating func refused() {
        (refusedOnce, attested) = (attested, nil)
        _ = file?.write([])
    }

    private mutating func restore(in namespace: String) {
        let content = file?.read().map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = content.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard (4...5).contains(lines.count), lines[0] == namespace, lines.allSatisfy({ !$0.isEmpty }) else {
            return
        }
        attested = AttestedWorkload(
            namespace: lines[0], serviceAccount: lines[1], pod: lines[2], uid: lines[3],
            owner: lines.count > 4 ? lines[4] : nil)
    }
}
