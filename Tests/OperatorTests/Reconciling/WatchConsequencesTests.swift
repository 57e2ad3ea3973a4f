import Kubernetes
import Testing

@testable import Operator

/// What follows from a watch's news, few or many at once.
struct WatchConsequencesTests {
    /// Everything has been read, and these are there.
    private func view(_ kind: WatchedKind, _ objects: [APIObject]) -> ClusterView {
        var view = ClusterView(platformNamespace: "weir-system")
        for (kind, scope) in view.watches { _ = view.take(.all([]), of: kind, scope: scope) }
        _ = view.take(.all(objects), of: kind, scope: nil)
        return view
    }

    private func objects(_ count: Int) throws -> [APIObject] {
        try (0..<count).map { number in
            try APIObject([
                "metadata": [
                    "name": .string("o\(number)"), "namespace": "clinic", "uid": .string("uid-\(number)"),
                ]
            ])
        }
    }

    @Test(
        arguments: [WatchedKind.connections, .maskingPolicies, .approvalRules, .approvalRequests, .pods],
        [1, WatchConsequences.manyChanges])
    func `nothing goes unnoticed, however much goes at once`(kind: WatchedKind, count: Int) throws {
        let objects = try objects(count)
        var view = view(kind, objects)
        let consequences = view.consequences(of: .all([]), about: kind, scope: nil)
        let uids = Set(objects.map(\.uid))
        #expect(Set(consequences.gone) == (kind == .pods ? uids : []))
        let areOurs = [WatchedKind.connections, .maskingPolicies, .approvalRules].contains(kind)
        #expect(Set(consequences.removed.map(\.uid)) == (areOurs ? uids : []))
        let keys: [ReconcileKey] =
            switch kind {
            case .connections: objects.map { .connection($0.key) }
            case .approvalRequests: objects.map { .approval($0.key) }
            default: []
            }
        #expect(consequences.requests.now.isSuperset(of: keys))
    }

    @Test func `what goes before everything has been read is noticed, too, and nothing is looked at yet`()
        throws
    {
        var view = ClusterView(platformNamespace: "weir-system")
        _ = view.take(.all(try objects(2)), of: .pods, scope: nil)
        let consequences = view.consequences(of: .all([]), about: .pods, scope: nil)
        #expect(Set(consequences.gone) == ["uid-0", "uid-1"])
        #expect(consequences.requests == ReconcileRequests())
    }
}
