import Cryptography
import Foundation
import Kubernetes
import Logging
import YAML

@testable import API
@testable import Admission
@testable import Operator

/// The API server in memory with our kinds in it, and an operator's parts that look at it when they are told to.
struct ClusterPlay: PlayedCluster {
    let api = HostAPI()
    private(set) var state: ClusterState
    private(set) var reconciler: Reconciler
    let ledger = AcknowledgementLedger()
    let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "gateway:1", sink: "http://sink:9440",
        configurationURL: "https://weir-operator.weir-system.svc:8443", version: "1.0.0")

    init() async throws {
        (state, reconciler) = Self.begin(api, ledger, settings)
        try await Self.define(in: api)
        let namespaces: [(String, [String: String])] = [
            ("weir-system", [:]), ("clinic", ["phi": "true", "weir.dev/inject": "enabled"]), ("shop", [:]),
        ]
        for (name, labels) in namespaces {
            try await create(
                .namespaces,
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(name), "labels": JSON(labels)],
                ])
        }
    }

    /// As after a restart: nothing is remembered.
    mutating func restart() {
        (state, reconciler) = Self.begin(api, ledger, settings)
    }

    /// Has what becomes of requests for approval told to somebody.
    mutating func hear(_ record: @escaping @Sendable (ApprovalRecorded) async -> Void) {
        reconciler.record = record
    }

    private static func begin(
        _ api: HostAPI, _ ledger: AcknowledgementLedger, _ settings: InstallationSettings
    ) -> (ClusterState, Reconciler) {
        let state = ClusterState(ClusterView(platformNamespace: settings.namespace))
        let identity = FixedIdentity(
            TLSContext.Identity(certificateChainPEM: [], privateKeyPEM: []), authorities: Array("PEM".utf8))
        let injector = Injector(settings)
        let reconciler = Reconciler(
            state: state, server: api, settings: settings, identity: identity, ledger: ledger,
            injectionHash: { connections, image in
                var injector = injector
                injector.settings.sidecarImage = image
                return injector.injectionHash(for: connections)
            }, metrics: OperatorMetrics(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) })
        return (state, reconciler)
    }

    // MARK: - The cluster

    /// Reasons of the Warnings in the namespace, sorted.
    func warnings(in namespace: String = "clinic") async throws -> [String] {
        let events = try await api.answer(to: .list(.events, Selection(namespace: namespace)))
        return (events["items"]?.array ?? []).filter { $0["type"] == "Warning" }
            .compactMap { $0["reason"]?.string }.sorted()
    }

    /// Our kinds.
    static func define(in api: any APIServer) async throws {
        let resource = APIResource(
            group: "apiextensions.k8s.io", version: "v1", name: "customresourcedefinitions",
            kind: "CustomResourceDefinition", isNamespaced: false)
        for file in ["databaseconnections", "maskingpolicies", "approvalrules", "approvalrequests"] {
            _ = try await api.answer(
                to: try .create(resource, try definition(file), WriteOptions(fieldManager: "test")))
        }
    }

    private static func definition(_ file: String) throws -> JSON {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "CRDs/\(file).yaml")
        let document = try YAMLDocument.all(in: try Array(Data(contentsOf: url)), file: file)[0]
        return JSON(document.root)
    }

    // MARK: - The operator

    /// Reads everything anew; tells what is to be looked at because of what is new.
    @discardableResult
    func observe() async throws -> ReconcileRequests {
        var requests = ReconcileRequests()
        for (kind, scope) in state.withView(\.watches) {
            let response = try await api.send(
                .list(kind.resource, Selection(labelSelector: kind.labelSelector)))
            let page = try ListPage(response, keeping: kind.projection)
            let asked = state.withView { view -> ReconcileRequests in
                let changes = view.take(.all(page.objects), of: kind, scope: scope)
                return changes.reduce(into: ReconcileRequests()) {
                    $0.formUnion(view.requests(after: $1, of: kind))
                }
            }
            requests.formUnion(asked)
        }
        return requests
    }

    /// Reads everything anew and looks at all of it; tells how many writes that took.
    @discardableResult
    func settle() async throws -> Int {
        let before = api.writeCount
        try await observe()
        let keys = state.withView(\.allRequests)
        for key in keys { try await reconciler.reconcile(key) }
        return api.writeCount - before
    }
}

extension JSON {
    /// The item of a list that has this name.
    func named(_ name: String) -> JSON? { array?.first { $0["name"]?.string == name } }

    var names: [String] { (array ?? []).map { $0["name"]?.string ?? "" } }

    init(_ node: ManifestNode) {
        switch node.value {
        case .null: self = .null
        case .boolean(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let text): self = .number(text)
        case .string(let text): self = .string(text)
        case .sequence(let items): self = .array(items.map { JSON($0) })
        case .mapping(let fields): self = .object(Object(fields.map { ($0.key, JSON($0.value)) }))
        }
    }
}

/// Objects of the plays.
enum Cast {
    static func connection(
        _ name: String = "clinic", in namespace: String = "clinic", labels: [String: String] = [:],
        bastion: Bool = false
    ) -> JSON {
        object(
            "DatabaseConnection", name, namespace, labels,
            [
                "protocol": "postgres", "upstream": ["host": "db.internal", "database": "clinic"],
                "credentials": ["type": "SecretRef", "secretRef": ["name": "clinic-db"]],
                "podSelector": ["matchLabels": ["app": "clinic-api"]], "bastion": ["enabled": .bool(bastion)],
            ])
    }

    static func policy(_ name: String = "ssn", in namespace: String = "clinic", targets: JSON) -> JSON {
        object(
            "MaskingPolicy", name, namespace, [:],
            [
                "targets": targets,
                "rules": [["name": "ssn", "match": ["columns": ["ssn"]], "action": ["type": "Redact"]]],
            ])
    }

    private static func object(
        _ kind: String, _ name: String, _ namespace: String, _ labels: [String: String], _ spec: JSON
    ) -> JSON {
        [
            "apiVersion": "weir.dev/v1alpha1", "kind": .string(kind),
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "labels": JSON(labels),
                "uid": .string("\(kind)-\(namespace)-\(name)"), "generation": 1,
            ], "spec": spec,
        ]
    }

    static func pod(_ name: String, injectedWith hash: String? = nil, in namespace: String = "clinic") -> JSON
    {
        var pod: JSON = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "labels": ["app": "clinic-api"],
            ],
            "spec": ["containers": [["name": "app", "image": "app:1"]]],
            "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
        ]
        guard let hash else { return pod }
        pod["metadata", "annotations"] = [
            "weir.dev/injection-hash": .string(hash), "weir.dev/connections": "clinic",
        ]
        pod["spec", "initContainers"] = [
            ["name": "weir-gateway", "image": "gateway:1", "restartPolicy": "Always"]
        ]
        pod["status", "initContainerStatuses"] = [["name": "weir-gateway", "ready": true]]
        return pod
    }
}
