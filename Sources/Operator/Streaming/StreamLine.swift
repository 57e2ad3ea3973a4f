import API
import Kubernetes
import Manifests

/// Lines of the configuration stream, each a JSON object.
enum StreamLine {
    /// Longest line, in bytes without its end.
    static let maximumLength = 4 << 20

    /// `owner` answers for it; `nil`: nobody.
    static func workload(_ workload: TokenAuthenticator.Workload, owner: String?) -> [UInt8] {
        var line: JSON = [
            "type": "Workload", "namespace": .string(workload.namespace),
            "serviceAccount": .string(workload.serviceAccount), "pod": .string(workload.pod),
            "uid": .string(workload.uid),
        ]
        if let owner { line["owner"] = .string(owner) }
        return line.rendered + [0x0A]
    }

    /// - Returns: `nil` for one that is too long to be sent.
    static func configuration(_ document: ConfigurationDocument) -> [UInt8]? {
        let line: JSON = [
            "type": "Configuration", "revision": .string(document.revision), "manifests": document.list,
        ]
        let bytes = line.rendered
        return bytes.count <= maximumLength ? bytes + [0x0A] : nil
    }

    /// Of a `list` of manifests in JSON.
    static func configuration(_ list: [UInt8], revision: String) -> [UInt8] {
        Array("{\"type\":\"Configuration\",\"revision\":\"\(revision)\",\"manifests\":".utf8) + list
            + Array("}\n".utf8)
    }

    static func approval(_ answer: ApprovalAnswer) -> [UInt8] {
        JSONText.object(["type": "Approval", "answer": answer.json]).bytes + [0x0A]
    }

    /// What the gateway was told to verify identities by still holds.
    static func authorityCurrent(_ revision: String) -> [UInt8] {
        let line: JSON = ["type": "AuthorityCurrent", "revision": .string(revision)]
        return line.rendered + [0x0A]
    }

    static let heartbeat = JSON(["type": "Heartbeat"]).rendered + [0x0A]
}
