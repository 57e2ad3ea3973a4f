import Kubernetes
import Testing

@testable import Operator

/// What a change of nothing but a status brings about.
struct StatusChangeTests {
    private func object(_ fields: [([String], JSON)] = []) throws -> APIObject {
        var object = Cast.policy(in: "weir-system", targets: ["connectionSelector": [:]])
        object["metadata", "resourceVersion"] = .string("\(fields.count)")
        for (path, value) in fields {
            if path.count == 1 { object[path[0]] = value } else { object[path[0], path[1]] = value }
        }
        return try APIObject(object)
    }

    private func change(_ path: String..., to value: JSON) throws -> Mirror.Change {
        Mirror.Change(old: try object(), new: try object([(path, value)]))
    }

    @Test func `a written status is no change for gateways`() throws {
        #expect(try change("status", to: ["boundConnections": 7]).isOfStatusAlone)
    }

    @Test func `anything else is`() throws {
        let changes = [
            try change("spec", "mode", to: "DryRun"), try change("metadata", "labels", to: ["team": "a"]),
            try change("metadata", "generation", to: 2), try change("metadata", "uid", to: "another"),
            Mirror.Change(old: nil, new: try object()), Mirror.Change(old: try object(), new: nil),
        ]
        for change in changes { #expect(!change.isOfStatusAlone) }
    }
}
