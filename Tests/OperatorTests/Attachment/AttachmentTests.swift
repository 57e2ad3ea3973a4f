import API
import Kubernetes
import Manifests
import Policy
import Testing

@testable import Operator

/// Which policies bind which connections, and what gateways are told of it.
struct AttachmentTests {
    private func resource<Object: Resource>(_ json: JSON) throws -> ObservedResource<Object> {
        ObservedResource(try APIObject(json))
    }

    private func attachment(
        _ connection: JSON = Cast.connection(), policies: [JSON], labels: [String: String]? = [:]
    ) throws -> Operator.Attachment {
        let policies: [ObservedResource<MaskingPolicy>] = try policies.map { try resource($0) }
        return PolicySet(policies, [], platformNamespace: "weir-system")
            .attachment(of: try resource(connection), namespaceLabels: labels)
    }

    @Test func `a policy binds the connections of its namespace that it names`() throws {
        let targets: JSON = ["connectionNames": ["clinic"]]
        #expect(try attachment(policies: [Cast.policy(targets: targets)]).policies.map(\.key.name) == ["ssn"])
        #expect(try attachment(policies: [Cast.policy(in: "shop", targets: targets)]).policies.isEmpty)
        #expect(
            try attachment(policies: [Cast.policy(targets: ["connectionNames": ["other"]])]).policies.isEmpty)
    }

    @Test(
        arguments: [
            (["phi": "true"], true), (["phi": "false"], false), ([:], false), (nil, true),
        ] as [([String: String]?, Bool)])
    func `a platform policy binds by the labels of the namespace, and where they are not known`(
        labels: [String: String]?, binds: Bool
    ) throws {
        let policy = Cast.policy(
            in: "weir-system",
            targets: ["connectionSelector": [:], "namespaceSelector": ["matchLabels": ["phi": "true"]]])
        let attachment = try attachment(policies: [policy], labels: labels)
        #expect(attachment.policies.count == (binds ? 1 : 0))
        #expect(attachment.obstacles.isEmpty)
    }

    @Test func `a team cannot select namespaces, and holds up no one but itself`() throws {
        let targets: JSON = ["connectionSelector": [:], "namespaceSelector": [:]]
        let own = try attachment(policies: [Cast.policy(targets: targets)])
        #expect(own.policies.isEmpty)
        #expect(own.obstacles.map(\.key.name) == ["ssn"])
        let other = try attachment(policies: [Cast.policy(in: "shop", targets: targets)])
        #expect(other.obstacles.isEmpty)
    }

    @Test func `what cannot be read keeps gateways as they are`() throws {
        var policy = Cast.policy(targets: ["connectionNames": ["clinic"]])
        policy["spec", "rules"] = []
        let bound = try attachment(policies: [policy])
        #expect(bound.obstacles.count == 1)
        policy["spec", "targets"] = ["connectionNames": ["other"]]
        #expect(try attachment(policies: [policy]).obstacles.isEmpty)
        policy["spec", "targets"] = 7
        #expect(try attachment(policies: [policy]).obstacles.count == 1)
    }

    // MARK: - What gateways are told

    @Test func `the gateway reads what it is told, and the same policies bind`() throws {
        let policies = [
            Cast.policy(targets: ["connectionNames": ["clinic"]]),
            Cast.policy(
                "platform", in: "weir-system", targets: ["connectionSelector": [:], "namespaceSelector": [:]]),
        ]
        let document = ConfigurationDocument([try attachment(policies: policies)])
        let file = ManifestFile(path: "clinic.yaml", bytes: document.list.rendered)
        let read = try ManifestSet.read([file], namespace: "clinic")
        #expect(read.connections.map(\.metadata.name) == ["clinic"])
        for policy in read.maskingPolicies {
            let binds = policy.spec.targets.bind(
                read.connections[0].metadata, policyNamespace: policy.metadata.namespace, namespaceLabels: nil
            )
            #expect(binds, "\(policy.metadata.name)")
        }
        #expect(read.maskingPolicies.count == 2)
    }

    @Test func `two connections' documents tell the same of a policy of both`() throws {
        let policy = Cast.policy(targets: ["connectionSelector": [:]])
        let both = try ["a", "b"].map { try attachment(Cast.connection($0), policies: [policy]) }
        let items = both.map { attachment in
            (ConfigurationDocument([attachment]).list["items"]?.array ?? []).filter {
                $0["kind"]?.string == "MaskingPolicy"
            }
        }
        #expect(items[0] == items[1])
        #expect(items[0].count == 1)
        #expect((ConfigurationDocument(both).list["items"]?.array ?? []).count == 3)
    }

    @Test func `a document is the same whatever else is changed`() throws {
        let policy = Cast.policy(targets: ["connectionNames": ["clinic"]])
        let first = ConfigurationDocument([try attachment(policies: [policy])])
        let labelled = Cast.connection(labels: ["team": "a"])
        #expect(ConfigurationDocument([try attachment(labelled, policies: [policy])]) == first)
        #expect(ConfigurationDocument([try attachment(policies: [])]).revision != first.revision)
    }
}
