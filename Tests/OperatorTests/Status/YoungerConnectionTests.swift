import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// Two connections that want the same port of a pod.
struct YoungerConnectionTests {
    private func bound(_ name: String, createdAt: String) throws -> BoundConnection {
        var object = Cast.connection(name)
        object["metadata", "creationTimestamp"] = .string(createdAt)
        let observed = ObservedResource<DatabaseConnection>(try APIObject(object))
        return try #require(
            PolicySet([], [], platformNamespace: "weir-system")
                .attachment(of: observed, namespaceLabels: [:]).bound)
    }

    @Test(
        arguments: [
            ("2026-11-29T00:00:00Z", "2026-11-28T00:00:00Z", "b"),
            ("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", "a"),
            ("2026-11-28T00:00:00Z", "2026-11-28T00:00:00Z", "a"),
        ])
    func `the older has it, and the first by name of two as old`(
        ofA: String, ofB: String, winner: String
    ) throws {
        let all = try [bound("a", createdAt: ofA), bound("b", createdAt: ofB)]
        let plan = SidecarPlan(serving: all)
        #expect(plan.names == [winner])
        #expect(plan.warnings.count == 1)
        let pod = ObservedPod(try APIObject(Cast.pod("api")))
        let losers = all.filter { !PortConflict.conflicts(of: $0, among: all, in: [pod]).isEmpty }
        #expect(losers.map(\.connection.metadata.name) == [winner == "a" ? "b" : "a"])
    }
}
