import API
import FoundationEssentials
import Kubernetes
import KubernetesClient

/// The ApprovalRequests of a cluster, read and decided as who the kubeconfig says. Approver and time are filled in by the
/// cluster, whatever is sent.
struct ClusterRegister: ApprovalRegister {
    let server: any APIServer
    /// `nil`: those of all namespaces are listed.
    let namespace: String?
    private static let requests = APIResource(
        group: ResourceKind.group, version: "v1alpha1", name: "approvalrequests",
        kind: ResourceKind.approvalRequest.rawValue)
    private static let fieldManager = "weirctl"
    /// How long the operator may take to say what a decision amounts to.
    private static let judgementLimit = Duration.seconds(5)
    private static let pollInterval = Duration.milliseconds(200)

    /// Reaches the cluster of a kubeconfig; `nil` stands for what that says itself.
    /// - Throws: for what cannot be used as it is meant.
    init(kubeconfig: String?, context: String?, namespace: String?, ofAll: Bool) throws {
        let environment = ProcessInfo.processInfo.environment
        let paths = kubeconfig.map { [$0] } ?? Kubeconfig.paths(environment: environment)
        let connection = try KubeconfigConnection(
            try Kubeconfig(paths: paths), context: context, environment: environment)
        server = CurlAPIServer(connection.cluster, access: connection.access)
        self.namespace = ofAll ? nil : namespace ?? connection.namespace
    }

    func all() async throws -> ApprovalItems {
        var found = try await ask(ApprovalItems.self, .list(Self.requests, Selection(namespace: namespace)))
        found.items.sort { $0.spec.expiresAt < $1.spec.expiresAt }
        return found
    }

    func request(_ name: String) async throws -> ApprovalItem {
        try await found(name) { try await ask(ApprovalItem.self, .get(Self.requests, try key(name))) }
    }

    func decide(_ name: String, verdict: String, reason: String) async throws -> ApprovalItem {
        let decision: JSON = [
            "id": .string("weirctl-" + String(UInt64.random(in: .min ... .max), radix: 16)),
            "verdict": .string(verdict), "reason": .string(reason),
        ]
        let patch = JSONPatch([.add(JSONPointer(["spec", "decisions", "-"]), decision)])
        var decided = try await found(name) {
            try await answer(
                .patch(Self.requests, try key(name), patch, WriteOptions(fieldManager: Self.fieldManager)))
        }
        let end = ContinuousClock.now + Self.judgementLimit
        while !isJudged(decided), ContinuousClock.now < end {
            try await Task.sleep(for: Self.pollInterval)
            decided = try await answer(.get(Self.requests, try key(name)))
        }
        return try Self.read(ApprovalItem.self, decided)
    }

    /// Says where a request that is not there was looked for.
    private func found<Answer>(_ name: String, _ ask: () async throws -> Answer) async throws -> Answer {
        do { return try await ask() } catch let error as ClusterFault where error.isNotFound {
            throw ClusterFault(
                reason:
                    "there is no request \"\(name)\" in namespace \(namespace ?? ""); see weirctl approvals "
                    + "list -A --all")
        }
    }

    private func isJudged(_ request: JSON) -> Bool {
        request["status", "observedGeneration"]?.integer == request["metadata", "generation"]?.integer
    }

    private func key(_ name: String) throws(ClusterFault) -> ObjectKey {
        guard let namespace else {
            throw ClusterFault(reason: "say the request's namespace: --namespace NAME")
        }
        return ObjectKey(namespace: namespace, name: name)
    }

    private func ask<Answer: Decodable>(_ type: Answer.Type, _ request: APIRequest) async throws -> Answer {
        try Self.read(type, try await answer(request))
    }

    private static func read<Answer: Decodable>(_ type: Answer.Type, _ json: JSON) throws -> Answer {
        do {
            return try JSONDecoder().decode(type, from: Data(json.rendered))
        } catch {
            throw ClusterFault(reason: "the cluster's answer cannot be read")
        }
    }

    private func answer(_ request: APIRequest) async throws -> JSON {
        do throws(APIError) {
            return try await server.answer(to: request)
        } catch {
            switch error {
            case .refused(let failure):
                throw ClusterFault(
                    reason: "the cluster refuses: \(failure.status?.message ?? "HTTP \(failure.code)")",
                    isNotFound: failure.kind == .notFound)
            case .transport(let failure):
                throw ClusterFault(reason: "the cluster cannot be reached: \(failure)")
            case .malformed: throw ClusterFault(reason: "the cluster's answer cannot be read")
            }
        }
    }
}

/// What went wrong with a cluster, as it is told to a person.
struct ClusterFault: Error, Equatable, CustomStringConvertible {
    var reason: String
    /// The cluster knows the kind of object, and has none of that name.
    var isNotFound = false

    var description: String { TerminalText.escaped(reason) }
}
