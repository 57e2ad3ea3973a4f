import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// Policies that take more than a ConfigMap holds.
struct OutgrownSnapshotTests {
    private static let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "gateway:1", sink: "http://sink:9440",
        configurationURL: "https://weir-operator.weir-system.svc:8443", version: "1.0.0")

    /// What is made where a policy names so many columns of 4,000 characters.
    private func desired(columns count: Int, bastion: Bool = false) throws -> DesiredObjects {
        let columns = (0..<count).map { JSON.string("c\($0)" + String(repeating: "x", count: 4000)) }
        var policy = Cast.policy(targets: ["connectionNames": ["clinic"]])
        policy["spec", "rules"] = [
            ["name": "ssn", "match": ["columns": .array(columns)], "action": ["type": "Redact"]]
        ]
        let attachment = PolicySet(
            [ObservedResource(try APIObject(policy))], [], platformNamespace: "weir-system"
        ).attachment(
            of: ObservedResource(try APIObject(Cast.connection(bastion: bastion))), namespaceLabels: [:])
        return DesiredObjects(
            of: attachment, ConfigurationDocument([attachment]), authorities: "PEM\n", settings: Self.settings
        )
    }

    /// The changes to a connection with a snapshot and a bastion, each with the kind.
    private func changes(to desired: DesiredObjects) throws -> Set<String> {
        let before = try self.desired(columns: 1, bastion: true).objects
        let observed = try Dictionary(grouping: before, by: \.resource).mapValues { objects in
            try objects.map { AppliedDigest.reduced(try APIObject($0.content)) }
        }
        let changes = ObjectChange.plan(observed: observed, desired: desired).map { change in
            switch change {
            case .apply(let object): "apply \(object.resource.kind)"
            case .delete(let resource, _, _): "delete \(resource.kind)"
            }
        }
        return Set(changes)
    }

    @Test func `the last snapshot stays when the next cannot be made, and nothing else does`() throws {
        let fitting = try desired(columns: 2)
        #expect(fitting.faults.isEmpty)
        #expect(try changes(to: fitting) == ["apply ConfigMap", "delete Deployment", "delete Service"])
        let outgrown = try desired(columns: 300)
        #expect(outgrown.faults.count == 1)
        #expect(try changes(to: outgrown) == ["delete Deployment", "delete Service"])
    }

    @Test func `of a connection that is gone nothing stays`() throws {
        #expect(try changes(to: .nothing) == ["delete ConfigMap", "delete Deployment", "delete Service"])
    }
}
