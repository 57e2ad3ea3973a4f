import ClusterModel
import ClusterServer
import Kubernetes
import Synchronization

/// The API server in memory, asked without a network; its webhooks are asked nothing.
struct HostAPI: APIServer {
    let host = ClusterHost()
    private let writes = WriteCount()
    private let refusals = Refusals()

    /// Answers to writes so far that were no dry run.
    var writeCount: Int { writes.count }

    /// The next requests but reading ones whose path ends like this are refused.
    func refuse(_ path: String, _ code: Int = 429, _ reason: String = "TooManyRequests", times: Int = 1) {
        refusals.add(path, code, reason, times: times)
    }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        if request.method != .get, let refusal = refusals.next(to: request.path) { return refusal }
        var query: [String: String] = [:]
        for item in request.query { query[item.name] = item.value }
        let call = Call(
            method: request.method.rawValue, path: request.path.split(separator: "/").map(String.init),
            query: query, contentType: request.body?.contentType ?? "", body: request.body?.bytes ?? [])
        if request.method != .get { writes.add() }
        while true {
            switch host.answer(call) {
            case .response(let response): return Self.response(response)
            case .watch: return APIResponse(status: 501)
            case .write(let pending):
                switch host.finish(pending) {
                case .response(let response): return Self.response(response)
                case .again: continue
                }
            }
        }
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        throw .connectionFailed("nothing is watched here")
    }

    private static func response(_ response: Response) -> APIResponse {
        APIResponse(status: response.status, body: response.body)
    }
}

private final class WriteCount: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}

private final class Refusals: Sendable {
    /// With the end of the path of each, in their order.
    private let waiting = Mutex<[(path: String, answer: APIResponse)]>([])

    func add(_ path: String, _ code: Int, _ reason: String, times: Int) {
        let status: JSON = [
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
            "message": "refused by the test", "code": .integer(Int64(code)),
        ]
        let answer = APIResponse(status: code, body: status.rendered)
        waiting.withLock { $0 += Array(repeating: (path: path, answer: answer), count: times) }
    }

    func next(to path: String) -> APIResponse? {
        waiting.withLock { waiting in
            let index = waiting.firstIndex { path.hasSuffix($0.path) }
            return index.map { waiting.remove(at: $0).answer }
        }
    }
}

extension APIServer {
    func create(_ group: String, _ version: String, _ name: String, _ object: JSON) async throws {
        let resource = APIResource(
            group: group, version: version, name: name, kind: object["kind"]?.string ?? "",
            isNamespaced: object["metadata", "namespace"] != nil)
        _ = try await answer(to: try .create(resource, object, WriteOptions(fieldManager: "helm")))
    }

    func get(_ group: String, _ version: String, _ name: String, _ key: ObjectKey) async throws -> JSON {
        let resource = APIResource(
            group: group, version: version, name: name, kind: "", isNamespaced: !key.namespace.isEmpty)
        return try await answer(to: try .get(resource, key))
    }

    /// What the chart installs for certificates: an empty Secret and two configurations without trust.
    ///
    /// Without `validates` the webhook need not be there, so that anything can be stored.
    func installWebhooks(validates: Bool = true) async throws {
        try await create("", "v1", "namespaces", Chart.namespace)
        try await create("", "v1", "secrets", Chart.secret)
        try await create(
            "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", Chart.mutating)
        var validating = Chart.validating
        if !validates {
            validating["webhooks"] = .array(
                (validating["webhooks"]?.array ?? []).map { webhook in
                    var webhook = webhook
                    webhook["failurePolicy"] = "Ignore"
                    return webhook
                })
        }
        try await create(
            "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", validating)
    }
}

/// Objects as the chart has them.
enum Chart {
    static let namespace: JSON = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "weir-system"],
    ]
    static let secret: JSON = [
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": ["name": "weir-operator-ca", "namespace": "weir-system"],
    ]
    static let mutating = configuration(
        "MutatingWebhookConfiguration", "weir-injector",
        [
            webhook("namespaces.injector.weir.dev", "/inject", "", "v1", "pods", ["CREATE"]),
            webhook("pods.injector.weir.dev", "/inject", "", "v1", "pods", ["CREATE"]),
        ])
    static let validating = configuration(
        "ValidatingWebhookConfiguration", "weir-validator",
        [
            webhook(
                "validator.weir.dev", "/validate", "weir.dev", "v1alpha1", "*", ["CREATE", "UPDATE"])
        ])

    private static func configuration(_ kind: String, _ name: String, _ webhooks: [JSON]) -> JSON {
        [
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind),
            "metadata": ["name": .string(name)], "webhooks": .array(webhooks),
        ]
    }

    private static func webhook(
        _ name: String, _ path: String, _ group: String, _ version: String, _ resource: String,
        _ operations: [String]
    ) -> JSON {
        var webhook: JSON = [
            "name": .string(name), "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "timeoutSeconds": 5,
            "clientConfig": [
                "service": [
                    "namespace": "weir-system", "name": "weir-operator", "path": .string(path), "port": 443,
                ]
            ],
            "rules": [
                [
                    "apiGroups": [.string(group)], "apiVersions": [.string(version)],
                    "resources": [.string(resource)], "operations": JSON(operations), "scope": "Namespaced",
                ]
            ],
        ]
        if path == "/inject" { webhook["reinvocationPolicy"] = "IfNeeded" }
        if name.hasPrefix("namespaces.") {
            webhook["namespaceSelector"] = ["matchLabels": ["weir.dev/inject": "enabled"]]
        } else if name.hasPrefix("pods.") {
            webhook["objectSelector"] = ["matchLabels": ["weir.dev/inject": "enabled"]]
            webhook["namespaceSelector"] = [
                "matchExpressions": [
                    ["key": "weir.dev/inject", "operator": "NotIn", "values": ["enabled"]]
                ]
            ]
        }
        return webhook
    }
}
