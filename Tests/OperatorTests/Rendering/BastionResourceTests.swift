import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// What a bastion asks of its node.
struct BastionResourceTests {
    /// - Returns: `nil` where none is made.
    private static func deployment(of connection: JSON) throws -> JSON? {
        let attachment = PolicySet([], [], platformNamespace: "weir-system").attachment(
            of: ObservedResource(try APIObject(connection)), namespaceLabels: [:])
        let desired = DesiredObjects(
            of: attachment, ConfigurationDocument([attachment]), authorities: "PEM\n",
            settings: OperatorPlay.settings)
        return desired.objects.first { $0.resource == .deployments }?.content
    }

    @Test(
        arguments: [
            ([:], ["cpu": "10m", "memory": "32Mi"], ["memory": "128Mi"]),
            (
                ["requests": ["memory": "512Mi"]], ["cpu": "10m", "memory": "512Mi"], ["memory": "512Mi"]
            ),
            (["limits": ["memory": "16Mi"]], ["cpu": "10m", "memory": "16Mi"], ["memory": "16Mi"]),
            (
                ["limits": ["cpu": "5m"]], ["cpu": "5m", "memory": "32Mi"], ["cpu": "5m", "memory": "128Mi"]
            ),
            (
                ["requests": ["memory": "64Mi"], "limits": ["memory": "1Gi"]],
                ["cpu": "10m", "memory": "64Mi"], ["memory": "1Gi"]
            ),
        ] as [(JSON, JSON, JSON)])
    func `no request exceeds its limit`(given: JSON, requests: JSON, limits: JSON) throws {
        var connection = Cast.connection(bastion: true)
        connection["spec", "sidecar"] = ["resources": given]
        let deployment = try #require(try Self.deployment(of: connection))
        let pod = deployment["spec", "template", "spec"]
        let resources = pod?["containers"]?.array?.first?["resources"]
        #expect(resources?["requests"] == requests)
        #expect(resources?["limits"] == limits)
    }

    @Test func `no connection of a bastion has the port of its health`() throws {
        var connection = Cast.connection(bastion: true)
        let made = try #require(try Self.deployment(of: connection))
        let ports = made["spec", "template", "spec", "containers"]?.array?.first?["ports"]?.array ?? []
        let health = try #require(ports.first { $0["name"] == "health" }?["containerPort"])
        connection["spec", "listen"] = ["port": health]
        #expect(try Self.deployment(of: connection) == nil)
    }
}
