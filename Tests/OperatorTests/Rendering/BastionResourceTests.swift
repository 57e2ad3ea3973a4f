import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// What a bastion asks of its node.
struct BastionResourceTests {
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
        let attachment = PolicySet([], [], platformNamespace: "weir-system").attachment(
            of: ObservedResource(try APIObject(connection)), namespaceLabels: [:])
        let desired = DesiredObjects(
            of: attachment, ConfigurationDocument([attachment]), authorities: "PEM\n",
            settings: OperatorPlay.settings)
        let deployment = try #require(desired.objects.first { $0.resource == .deployments })
        let pod = deployment.content["spec", "template", "spec"]
        let resources = pod?["containers"]?.array?.first?["resources"]
        #expect(resources?["requests"] == requests)
        #expect(resources?["limits"] == limits)
    }
}
