import API
import Admission
import Cryptography
import Kubernetes
import Testing

struct AdmissionReviewerTests {
    private let reviewer = AdmissionReviewer(injector: Samples.injector)

    private struct Connections: ConnectionLookup {
        var all: [BoundConnection]?
        var broken: [String] = []

        func connections(in namespace: String) -> [BoundConnection]? {
            all.map { $0.filter { $0.connection.metadata.namespace == namespace } }
        }

        func unreadable(selecting labels: [String: String], in namespace: String) -> [String] { broken }
    }

    private static func review(
        kind: String = "Pod", group: String = "", operation: String = "CREATE", namespace: String = "clinic",
        _ object: JSON, old: JSON = .null
    ) -> JSON {
        [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "a-1", "kind": ["group": .string(group), "version": "v1", "kind": .string(kind)],
                "operation": .string(operation), "namespace": .string(namespace), "object": object,
                "oldObject": old, "dryRun": true,
            ],
        ]
    }

    private func inject(
        _ review: JSON, _ connections: [BoundConnection]? = [Samples.clinic], nativeSidecars: Bool? = true
    ) throws -> JSON {
        let reply = reviewer.inject(
            review.rendered, Connections(all: connections), nativeSidecars: nativeSidecars)
        #expect(reply.status == 200)
        let answer = try JSON(parsing: reply.body)
        #expect(answer["apiVersion"] == "admission.k8s.io/v1" && answer["kind"] == "AdmissionReview")
        return try #require(answer["response"])
    }

    @Test func `a selected pod gets a patch, under the uid of its review`() throws {
        let response = try inject(Self.review(Samples.pod()))
        #expect(response["uid"] == "a-1" && response["allowed"] == true)
        #expect(response["patchType"] == "JSONPatch")
        #expect(response["auditAnnotations"] == ["connections": "clinic"])
        let bytes = try #require(response["patch"]?.string.flatMap { Base64.decode($0) })
        let patched = try Samples.pod().applying(try JSONPatch(try JSON(parsing: bytes)))
        #expect(patched["spec", "initContainers"]?.names == ["weir-gateway"])
    }

    @Test func `another namespace's connections select nothing`() throws {
        let response = try inject(Self.review(namespace: "billing", Samples.pod()))
        #expect(response["allowed"] == true && response["patch"] == nil)
        #expect(response["warnings"]?.strings.count == 1)
    }

    @Test func `before the connections are known no pod is let in`() throws {
        let response = try inject(Self.review(Samples.pod()), nil)
        #expect(response["allowed"] == false)
        #expect(response["status", "code"] == 503)
    }

    @Test func `while a connection that may select a pod cannot be read the pod is not let in`() throws {
        func response(_ labels: [String: String]) throws -> JSON? {
            let reply = reviewer.inject(
                Self.review(Samples.pod(labels: labels)).rendered,
                Connections(all: [], broken: ["ledger"]), nativeSidecars: true)
            return try JSON(parsing: reply.body)["response"]
        }
        let refused = try response(["app": "clinic-api"])
        #expect(refused?["allowed"] == false && refused?["status", "code"] == 503)
        #expect(refused?["status", "message"]?.string?.hasPrefix("DatabaseConnection ledger") == true)
        #expect(try response(["weir.dev/inject": "disabled"])?["allowed"] == true)
    }

    @Test func `before the nodes are known no pod is let in that would get a gateway`() throws {
        let response = try inject(Self.review(Samples.pod()), nativeSidecars: nil)
        #expect(response["allowed"] == false)
        #expect(response["status", "code"] == 503)
        #expect(try inject(Self.review(Samples.pod()), [], nativeSidecars: nil)["allowed"] == true)
    }

    @Test func `a dangerous pod is denied and says why`() throws {
        let pod = Samples.pod(
            spec: #"{"shareProcessNamespace": true, "securityContext": {"runAsUser": 15432}}"#)
        let response = try inject(Self.review(pod))
        #expect(response["allowed"] == false && response["patch"] == nil)
        #expect(response["status", "code"] == 403)
        #expect(response["status", "message"]?.string?.hasPrefix("container api sees the gateway") == true)
    }

    @Test(arguments: [
        JSON.null, [], "x", 7, ["metadata": .null], ["metadata": ["labels": ["app": "clinic-api"]]],
    ])
    func `what is no pod is denied, not failed`(object: JSON) throws {
        #expect(try inject(Self.review(object))["allowed"] == false)
    }

    @Test(arguments: [("UPDATE", "Pod", ""), ("CREATE", "Deployment", "apps"), ("DELETE", "Pod", "")])
    func `what is not asked about is let in`(operation: String, kind: String, group: String) throws {
        let response = try inject(Self.review(kind: kind, group: group, operation: operation, .null))
        #expect(response["allowed"] == true && response["patch"] == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"kind": "AdmissionReview"}"#,
        #"{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "1"}}"#,
        #"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "#
            + #""request": {"uid": "", "operation": "CREATE", "kind": {"kind": "Pod"}}}"#,
        #"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": 1}}"#,
        #"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "X"}}"#,
    ])
    func `what is no review is a bad request`(text: String) throws {
        let reply = reviewer.inject(Array(text.utf8), Connections(all: []), nativeSidecars: true)
        #expect(reply.status == 400)
        #expect(reviewer.validate(Array(text.utf8)).status == 400)
    }

    @Test func `a body over 7 MiB is a bad request`() {
        let body = [UInt8](repeating: 0x20, count: 7 << 20) + Array("{}".utf8)
        #expect(reviewer.validate(body).status == 400)
    }

    @Test func `warnings end where the API server would cut them`() throws {
        let connections = (0..<200).map { Samples.connection("c\($0)") }
        let warnings = try #require(try inject(Self.review(Samples.pod()), connections)["warnings"]?.strings)
        #expect(warnings.count > 10)
        #expect(warnings.reduce(0) { $0 + $1.utf8.count } <= 4096)
    }

    // MARK: - Validation

    private func validate(
        _ kind: String, _ spec: String, old: JSON = .null, metadata: JSON = ["name": "x"],
        namespace: String = "clinic", operation: String = "CREATE"
    ) throws -> JSON {
        let object: JSON = [
            "apiVersion": "weir.dev/v1alpha1", "kind": .string(kind), "metadata": metadata,
            "spec": Samples.json(spec),
        ]
        let review = Self.review(
            kind: kind, group: "weir.dev", operation: operation, namespace: namespace, object, old: old)
        let reply = reviewer.validate(review.rendered)
        #expect(reply.status == 200)
        return try #require(try JSON(parsing: reply.body)["response"])
    }

    private static let policy = """
        {"targets": {"connectionNames": ["clinic"]},
         "rules": [{"name": "ssn", "match": {"columns": ["ssn"]}, "action": {"type": "Redact"}}]}
        """

    @Test(arguments: [
        ["name": "x", "managedFields": [[:]], "creationTimestamp": .null] as JSON,
        ["generateName": "x-", "labels": ["a": "b"]],
    ])
    func `a good object is let in, whatever else its metadata holds`(metadata: JSON) throws {
        #expect(try validate("MaskingPolicy", Self.policy, metadata: metadata)["allowed"] == true)
    }

    @Test func `all faults of an object are told`() throws {
        let response = try validate(
            "DatabaseConnection",
            """
            {"protocol": "oracle", "upstream": {"host": "db", "port": 0}, "credentials": {"type": "SecretRef"},
             "podSelector": {}, "colour": "red"}
            """)
        #expect(response["allowed"] == false && response["status", "code"] == 422)
        let message = try #require(response["status", "message"]?.string)
        for part in [
            "spec.protocol is none of postgres, mysql, ssh", "spec.upstream.port is out of range",
            "spec.credentials.secretRef is missing", "spec.podSelector may not be empty",
            "spec.colour is unknown",
        ] { #expect(message.contains(part), "\(message)") }
    }

    @Test(arguments: [
        (
            "postgres", "Central",
            "spec.credentials.type is Central, which gateways cannot use yet; they use SecretRef"
        ),
        (
            "mysql", "Passthrough",
            "spec.protocol is mysql, which gateways cannot speak yet; they speak postgres"
        ),
    ])
    func `what no gateway can do yet is let in with a warning`(
        protocol: String, credentials: String, warning: String
    ) throws {
        let spec = """
            {"protocol": "\(`protocol`)", "upstream": {"host": "db"}, "credentials": {"type": "\(credentials)"},
             "podSelector": {"matchLabels": {"app": "api"}}}
            """
        let response = try validate("DatabaseConnection", spec)
        #expect(response["allowed"] == true)
        #expect(response["warnings"]?.strings == [warning])
    }

    @Test func `namespaces are selected from the platform's own only`() throws {
        let spec = Self.policy.replacing(
            #"{"connectionNames": ["clinic"]}"#,
            with: #"{"connectionNames": ["clinic"], "namespaceSelector": {"matchLabels": {"a": "b"}}}"#)
        #expect(try validate("MaskingPolicy", spec)["allowed"] == false)
        #expect(try validate("MaskingPolicy", spec, namespace: "weir-system")["allowed"] == true)
    }

    @Test func `an object that has become invalid can still be labelled and deleted`() throws {
        let spec = #"{"colour": "red"}"#
        let old: JSON = ["spec": Samples.json(spec)]
        #expect(try validate("ApprovalRule", spec, old: old, operation: "UPDATE")["allowed"] == true)
        #expect(
            try validate("ApprovalRule", spec, old: ["spec": [:]], operation: "UPDATE")["allowed"] == false)
        #expect(try validate("ApprovalRule", spec, old: old, operation: "DELETE")["allowed"] == true)
    }

    @Test func `faults beyond twenty are counted`() throws {
        let fields = (0..<30).map { #""f\#($0)": 1"# }.joined(separator: ",")
        let message = try validate("MaskingPolicy", "{\(fields)}")["status", "message"]?.string ?? ""
        #expect(message.hasSuffix("and 12 more"), "\(message)")
    }
}
