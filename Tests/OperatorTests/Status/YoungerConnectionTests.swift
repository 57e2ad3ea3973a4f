import Kubernetes
import Testing

@testable import API
@testable import Admission
@testable import Operator

/// Two connections that want the same port of a pod.
struct YoungerConnectionTests {
    private func bound(_ name: String, createdAt: String, listen: JSON? = nil) throws -> BoundConnection {
        var object = Cast.connection(name)
        object["spec", "listen"] = listen
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

    @Test func `one that is left out takes nothing from a younger one`() throws {
        let all = try [
            bound("x", createdAt: "2026-11-28T00:00:00Z", listen: ["port": 15_433]),
            bound(
                "y", createdAt: "2026-11-29T00:00:00Z",
                listen: ["port": 15_433, "unixSocketPath": "/run/db/clinic.sock"]),
            bound(
                "z", createdAt: "2026-11-30T00:00:00Z",
                listen: ["port": 15_434, "unixSocketPath": "/run/db/clinic.sock"]),
        ]
        #expect(SidecarPlan(serving: all).names == ["x", "z"])
        let pods = try ["b", "a"].map { ObservedPod(try APIObject(Cast.pod($0))) }
        let conflicts = all.map { PortConflict.conflicts(of: $0, among: all, in: pods) }
        #expect(conflicts == [[], ["its port 15433 is that of x in pod a"], []])
    }

    @Test func `once the older is gone the younger is looked at, and in no conflict`() async throws {
        let play = try await ClusterPlay()
        let younger = ObjectKey(namespace: "clinic", name: "b")
        func reason() async throws -> JSON? {
            try await play.get(.databaseConnections, "clinic", "b")["status", "conditions"]?.array?
                .first?["reason"]
        }
        try await play.create(.databaseConnections, Cast.connection("a"))
        try await play.create(.databaseConnections, Cast.connection("b"))
        try await play.create(.pods, Cast.pod("api"))
        try await play.settle()
        #expect(try await reason() == "Conflict")
        try await play.delete(.databaseConnections, "clinic", "a")
        #expect(try await play.observe().soon.contains(.connection(younger)))
        try await play.reconciler.reconcile(.connection(younger))
        #expect(try await reason() == "GatewaysMissing")
    }
}
