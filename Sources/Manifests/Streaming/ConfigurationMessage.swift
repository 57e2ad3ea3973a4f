package import API
import YAML

/// One line of the stream by which an operator keeps a gateway's configuration up to date.
package enum ConfigurationMessage: Sendable, Equatable {
    /// Who the operator found the gateway's pod to be; the first line.
    case workload(AttestedWorkload)
    /// All that the gateway is to have in force, as a `v1` `List`.
    /// - Parameter revision: by which the gateway acknowledges it.
    case configuration(revision: String, manifests: ManifestNode)
    /// Where the approval of a statement stands that the gateway has asked about.
    case approval(ApprovalAnswer)
    /// The answer to that question cannot be read, for that reason.
    case unreadableApproval(id: String, reason: String)
    /// What tokens and grants are verified by; the whole line, for whoever reads that.
    case authority(line: [UInt8])
    /// The operator vouches that this is still it, revocations above all.
    case authorityCurrent(revision: String)
    case heartbeat
    /// Of a type that this version does not know.
    case unknown

    /// Longest line, in bytes without its end.
    package static let maximumLength = 4 << 20
    /// Longest revision taken, in bytes; a SHA-256 in hexadecimal has 64.
    static let maximumRevisionLength = 128

    /// Reads one JSON object.
    /// - Throws: when it is none, or lacks what its type needs.
    package init(line: [UInt8]) throws(ManifestFault) {
        let documents = try YAMLDocument.all(in: JSONForYAML.escaping(line), file: Self.source)
        let nowhere = ManifestPosition(file: Self.source, line: 0, column: 0)
        guard documents.count == 1, let document = documents.first else {
            throw ManifestFault(at: nowhere, "is not one JSON object a line")
        }
        if let fault = document.faults.first { throw fault }
        let root = document.root
        func text(_ field: String) throws(ManifestFault) -> String {
            guard case .string(let text) = root[field]?.value, !text.isEmpty else {
                throw ManifestFault(at: root.position, field: field, "is missing, or no text")
            }
            return text
        }
        switch try text("type") {
        case "Workload":
            var owner: String?
            if root["owner"] != nil { owner = try text("owner") }
            self = .workload(
                AttestedWorkload(
                    namespace: try text("namespace"), serviceAccount: try text("serviceAccount"),
                    pod: try text("pod"), uid: try text("uid"), owner: owner))
        case "Configuration":
            let revision = try text("revision")
            guard revision.utf8.count <= Self.maximumRevisionLength, let manifests = root["manifests"] else {
                throw ManifestFault(at: root.position, "has no manifests, or too long a revision")
            }
            self = .configuration(revision: revision, manifests: manifests)
        case "Approval":
            guard let answer = root["answer"] else {
                throw ManifestFault(at: root.position, field: "answer", "is missing")
            }
            self = try Self.approval(answer)
        case "Authority": self = .authority(line: line)
        case "AuthorityCurrent": self = .authorityCurrent(revision: try text("revision"))
        case "Heartbeat": self = .heartbeat
        default: self = .unknown
        }
    }

    /// A fault of an answer is one of its question alone, if that is named.
    private static func approval(_ answer: ManifestNode) throws(ManifestFault) -> Self {
        do throws(ManifestFault) {
            return .approval(try ApprovalMessages.item(of: answer) { ApprovalAnswer(reading: &$0) })
        } catch {
            guard case .string(let id)? = answer["id"]?.value, StringFormat.label.fault(in: id) == nil else {
                throw error
            }
            return .unreadableApproval(id: id, reason: error.brief)
        }
    }

    /// How faults name where a line came from.
    package static let source = "configuration stream"
}

/// A pod as its token proves it.
package struct AttestedWorkload: Sendable, Equatable {
    package var namespace: String
    package var serviceAccount: String
    package var pod: String
    package var uid: String
    /// Who answers for it, as its annotation says; `nil`: nobody.
    package var owner: String?

    package init(
        namespace: String, serviceAccount: String, pod: String, uid: String, owner: String? = nil
    ) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.pod = pod
        self.uid = uid
        self.owner = owner
    }

    /// As Kubernetes names its user.
    package var user: String { "system:serviceaccount:\(namespace):\(serviceAccount)" }
    package var groups: [String] { ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"] }
}
