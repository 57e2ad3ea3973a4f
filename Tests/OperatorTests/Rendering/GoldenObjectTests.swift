import Foundation
import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// Whole objects and statuses, as files to read; `UPDATE_GOLDEN=1` writes them anew.
struct GoldenObjectTests {
    private static let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "registry.example/weir-gateway@sha256:0123",
        sink: "http://weir-audit-sink.weir-system.svc:9440",
        configurationURL: "https://weir-operator.weir-system.svc:8443", version: "1.0.0")

    /// A connection with a bastion, bound by a policy beside it and by one of the platform.
    private func attachment() throws -> Operator.Attachment {
        let policies: [ObservedResource<MaskingPolicy>] = try [
            Cast.policy(targets: ["connectionNames": ["clinic"]]),
            Cast.policy(
                "platform", in: "weir-system",
                targets: ["connectionSelector": [:], "namespaceSelector": ["matchLabels": ["phi": "true"]]]),
        ].map { ObservedResource(try APIObject($0)) }
        return PolicySet(policies, [], platformNamespace: "weir-system").attachment(
            of: ObservedResource(try APIObject(Cast.connection(bastion: true))),
            namespaceLabels: ["phi": "true"])
    }

    @Test func `what is made for a connection is as it is documented`() throws {
        let attachment = try attachment()
        let desired = DesiredObjects(
            of: attachment, ConfigurationDocument([attachment]), authorities: "PEM\n",
            settings: Self.settings)
        #expect(desired.faults.isEmpty)
        #expect(desired.objects.map(\.resource.kind) == ["ConfigMap", "Deployment", "Service"])
        for object in desired.objects {
            try compare(object.content, with: "\(object.resource.kind.lowercased()).json")
        }
        let text = desired.objects[0].content["data", "clinic.yaml"]?.string ?? ""
        try compare(try JSON(parsing: Array(text.utf8)), with: "snapshot.json")
    }

    @Test func `each status is as it is documented`() throws {
        let attachment = try attachment()
        let full = Self.counts { _ in }
        let revision = "0123"
        var invalid = attachment
        invalid.connection.faults = ["spec.upstream.host is missing"]
        var obstructed = attachment
        obstructed.obstacles = [
            .init(kind: .maskingPolicy, key: ObjectKey(namespace: "clinic", name: "ids"), fault: "no rules")
        ]
        let statuses: [(String, ConnectionStatus)] = [
            ("InForce", ConnectionStatus(attachment, counts: full, revision: revision)),
            ("Invalid", ConnectionStatus(invalid)),
            ("PolicyInvalid", ConnectionStatus(obstructed, counts: full)),
            (
                "CannotRender",
                ConnectionStatus(attachment, counts: full, revision: revision, faults: ["it is too long"])
            ),
            (
                "Conflict",
                ConnectionStatus(
                    attachment, counts: full, revision: revision,
                    conflicts: ["its port 15432 is that of a in pod p"])
            ),
            (
                "Refused",
                ConnectionStatus(
                    attachment, counts: Self.counts { $0.acked = 1 }, revision: revision,
                    refusals: ["1 gateways: no such mask"])
            ),
            ("GatewaysMissing", ConnectionStatus(attachment, counts: Self.counts { $0.missing = 1 })),
            ("ConfigurationPending", ConnectionStatus(attachment, counts: Self.counts { $0.acked = 1 })),
            ("GatewaysNotReady", ConnectionStatus(attachment, counts: Self.counts { $0.ready = 1 })),
            ("GatewaysOutdated", ConnectionStatus(attachment, counts: Self.counts { $0.outdated = 1 })),
        ]
        let now = Timestamp(microseconds: 1_800_000_000_000_000)
        var all: JSON = [:]
        for (reason, status) in statuses {
            #expect(status.conditions.first?.reason == reason)
            all[reason] = status.document.json(after: [:], at: now)
        }
        try compare(all, with: "statuses.json")
    }

    private static func counts(_ change: (inout PodCounts) -> Void) -> PodCounts {
        var counts = PodCounts()
        (counts.matched, counts.injected, counts.ready, counts.acked) = (2, 2, 2, 2)
        change(&counts)
        return counts
    }
}
