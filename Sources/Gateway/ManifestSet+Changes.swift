import API
import Manifests

extension ManifestSet {
    /// Changes told at most. Ours: a record has to stay small.
    static let maximumChanges = 100
    /// Longest name of an editor that is told, in characters. Ours: an account's has some 100.
    private static let maximumEditorLength = 256

    /// What of it is another than in `old`, one line a resource: its kind and name, what became of it, and who made it
    /// so where a cluster says that: `MaskingPolicy clinic/phi changed by alice, generation 4`.
    ///
    /// Nobody is named for what is gone, nor for what is another although nobody has written it since, as a connection
    /// that another policy binds.
    func changes(since old: ManifestSet?) -> [String] {
        let changes =
            Self.changes(in: connections, since: old?.connections ?? [])
            + Self.changes(in: maskingPolicies, since: old?.maskingPolicies ?? [])
            + Self.changes(in: approvalRules, since: old?.approvalRules ?? [])
        let more = changes.count - Self.maximumChanges
        return changes.prefix(Self.maximumChanges) + (more > 0 ? ["and \(more) more"] : [])
    }

    private static func changes<Object: Resource>(in new: [Object], since old: [Object]) -> [String] {
        let before = byName(old)
        let after = byName(new)
        return Set(before.keys).union(after.keys).sorted().compactMap { name in
            let title = "\(Object.kind.rawValue) \(name)"
            switch (before[name], after[name]) {
            case (nil, let object?): return "\(title) added\(editor(of: object.metadata))"
            case (_?, nil): return "\(title) removed"
            case (let earlier?, let object?) where earlier != object:
                let (then, now) = (earlier.metadata, object.metadata)
                let isWritten = (then.changedBy, then.generation) != (now.changedBy, now.generation)
                return "\(title) changed\(isWritten ? editor(of: now) : "")"
            case (_?, _?), (nil, nil): return nil
            }
        }
    }

    private static func byName<Object: Resource>(_ objects: [Object]) -> [String: Object] {
        Dictionary(objects.map { ($0.metadata.qualifiedName, $0) }) { first, _ in first }
    }

    private static func editor(of metadata: ObjectMetadata) -> String {
        let name = metadata.changedBy.prefix(maximumEditorLength)
        return (name.isEmpty ? "" : " by \(name)")
            + (metadata.generation.isEmpty ? "" : ", generation \(metadata.generation)")
    }
}
