import API
import Manifests
import Testing

@testable import Gateway

/// What the record of a configuration says of the resources in it.
struct ManifestChangesTests {
    private func manifests(_ policies: String...) throws -> ManifestSet {
        let text = policies.map { "---\napiVersion: weir.dev/v1alpha1\nkind: MaskingPolicy\n\($0)" }.joined()
        return try ManifestSet.read([ManifestFile(path: "a.yaml", bytes: Array(text.utf8))])
    }

    private func policy(_ name: String, by editor: String = "", _ generation: Int = 1, column: String = "ssn")
        -> String
    {
        let annotations =
            editor.isEmpty
            ? ""
            : #", annotations: {weir.dev/changed-by: "\#(editor)", weir.dev/generation: "\#(generation)"}"#
        return """
            metadata: {name: \(name), namespace: clinic\(annotations)}
            spec:
              targets: {connectionSelector: {matchLabels: {app: clinic}}}
              rules: [{name: r, match: {columns: [\(column)]}, action: {type: Redact}}]

            """
    }

    @Test func `each resource that is another is named, with who wrote it`() throws {
        let first = try manifests(policy("phi", by: "ann"), policy("rest", by: "ann"))
        #expect(
            first.changes(since: nil) == [
                "MaskingPolicy clinic/phi added by ann, generation 1",
                "MaskingPolicy clinic/rest added by ann, generation 1",
            ])
        let second = try manifests(policy("phi", by: "mia", 2, column: "name"))
        #expect(
            second.changes(since: first) == [
                "MaskingPolicy clinic/phi changed by mia, generation 2", "MaskingPolicy clinic/rest removed",
            ])
        #expect(second.changes(since: second).isEmpty)
    }

    @Test func `nobody is named for what they have not written`() throws {
        let (plain, other) = (try manifests(policy("phi")), try manifests(policy("phi", column: "name")))
        #expect(other.changes(since: plain) == ["MaskingPolicy clinic/phi changed"])
        let before = try manifests(policy("phi", by: "ann", 3))
        let bound = try manifests(policy("phi", by: "ann", 3, column: "name"))
        #expect(bound.changes(since: before) == ["MaskingPolicy clinic/phi changed"])
    }

    @Test func `so many are told and no more`() throws {
        let text = (0..<ManifestSet.maximumChanges + 2).map {
            "---\napiVersion: weir.dev/v1alpha1\nkind: MaskingPolicy\n\(policy("p\($0)"))"
        }
        let all = try ManifestSet.read([ManifestFile(path: "a.yaml", bytes: Array(text.joined().utf8))])
        let changes = all.changes(since: nil)
        #expect(changes.count == ManifestSet.maximumChanges + 1 && changes.last == "and 2 more")
    }
}
