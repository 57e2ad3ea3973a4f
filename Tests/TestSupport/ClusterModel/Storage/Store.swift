import Kubernetes

/// The objects and what happened to them, one revision a change, as etcd keeps them.
struct Store: Sendable {
    struct Place: Sendable, Hashable {
        var resource: ResourceID
        var key: ObjectKey
    }

    struct Event: Sendable {
        enum Kind: Sendable { case added, modified, deleted }

        var revision: Int64
        var place: Place
        var kind: Kind
        /// Of a deletion the last state, with the deletion's revision.
        var object: JSON
        var previous: JSON?
    }

    private(set) var objects: [Place: JSON] = [:]
    private(set) var events: [Event] = []
    /// Of the last change.
    private(set) var revision: Int64 = 1000
    /// What happened at or before it is forgotten.
    private(set) var compacted: Int64 = 0

    subscript(_ place: Place) -> JSON? { objects[place] }

    /// Stores the object under the next revision; `nil` takes away what is there.
    @discardableResult
    mutating func put(_ object: JSON?, at place: Place) -> JSON? {
        let previous = objects[place]
        guard var stored = object ?? previous else { return nil }
        revision += 1
        stored["metadata", "resourceVersion"] = .string("\(revision)")
        objects[place] = object == nil ? nil : stored
        let kind: Event.Kind = object == nil ? .deleted : previous == nil ? .added : .modified
        events.append(
            Event(revision: revision, place: place, kind: kind, object: stored, previous: previous))
        return stored
    }

    /// Forgets what happened up to now, or up to a revision.
    mutating func compact(to limit: Int64? = nil) {
        compacted = max(compacted, min(limit ?? revision, revision))
        events.removeAll { $0.revision <= compacted }
    }

    /// The objects of a kind in order, as they were at a revision that is not forgotten.
    func objects(of resource: ResourceID, in namespace: String, at past: Int64? = nil) -> [(ObjectKey, JSON)]
    {
        var found: [ObjectKey: JSON] = [:]
        for (place, object) in objects where place.resource == resource { found[place.key] = object }
        if let past {
            for event in events.reversed() where event.revision > past && event.place.resource == resource {
                found[event.place.key] = event.previous
            }
        }
        return found.filter { namespace.isEmpty || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
