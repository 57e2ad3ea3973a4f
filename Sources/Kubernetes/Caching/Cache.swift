/// The objects of a kind as far as they are known, and what each piece of news changes about them.
package struct Cache: Sendable {
    package enum Change: Sendable, Equatable {
        case added(APIObject)
        case modified(from: APIObject, to: APIObject)
        /// With the last state that is known.
        case deleted(APIObject)
    }

    private var namespaces: [String: [String: APIObject]] = [:]
    private var deletions = Deletions()
    package private(set) var count = 0

    package init() {}

    package subscript(key: ObjectKey) -> APIObject? {
        namespaces[key.namespace]?[key.name]
    }

    /// Of one namespace, or of all; in no order.
    package func objects(in namespace: String? = nil) -> [APIObject] {
        if let namespace { return Array((namespaces[namespace] ?? [:]).values) }
        return namespaces.values.flatMap(\.values)
    }

    /// These are all objects there are; the others are gone. Changes are in the order of their keys.
    package mutating func replace(with objects: [APIObject]) -> [Change] {
        let old = namespaces
        namespaces = [:]
        deletions = Deletions()
        count = 0
        for object in objects { set(object) }
        var changes: [(key: ObjectKey, change: [Change])] = []
        for object in self.objects() {
            let change = Self.change(from: old[object.key.namespace]?[object.key.name], to: object)
            if !change.isEmpty { changes.append((object.key, change)) }
        }
        for gone in old.values.flatMap(\.values) where self[gone.key] == nil {
            changes.append((gone.key, [.deleted(gone)]))
        }
        return changes.sorted { $0.key < $1.key }.flatMap(\.change)
    }

    /// What an event of a watch changes: nothing when it is known already, or older than what is known.
    package mutating func apply(_ event: WatchEvent) -> [Change] {
        switch event {
        case .added(let object), .modified(let object):
            let known = self[object.key]
            guard !deletions.outdate(object), !Self.outdates(known, object) else { return [] }
            set(object)
            return Self.change(from: known, to: object)
        case .deleted(let object):
            deletions.add(object)
            guard let known = self[object.key], known.uid == object.uid, !Self.isNewer(known, than: object)
            else { return [] }
            remove(object.key)
            return [.deleted(object)]
        case .bookmark, .failed: return []
        }
    }

    private mutating func set(_ object: APIObject) {
        let known = namespaces[object.key.namespace, default: [:]].updateValue(
            object, forKey: object.key.name)
        if known == nil { count += 1 }
    }

    private mutating func remove(_ key: ObjectKey) {
        guard namespaces[key.namespace]?.removeValue(forKey: key.name) != nil else { return }
        count -= 1
        if namespaces[key.namespace]?.isEmpty == true { namespaces[key.namespace] = nil }
    }

    /// An object of another UID is another object, whatever its name.
    private static func change(from known: APIObject?, to object: APIObject) -> [Change] {
        guard let known else { return [.added(object)] }
        guard known.uid == object.uid else { return [.deleted(known), .added(object)] }
        return known == object ? [] : [.modified(from: known, to: object)]
    }

    private static func outdates(_ known: APIObject?, _ object: APIObject) -> Bool {
        known.map { isNewer($0, than: object) } ?? false
    }

    /// Versions that cannot be compared are taken in the order they come.
    private static func isNewer(_ known: APIObject, than object: APIObject) -> Bool {
        guard let known = known.comparableVersion, let version = object.comparableVersion else {
            return false
        }
        return known > version
    }
}

/// The latest deletions, so that news from before one does not bring the object back.
private struct Deletions {
    /// Ours: news arrives late by far fewer.
    static let limit = 4096

    private var versions: [String: UInt64] = [:]
    private var order: [String] = []
    private var oldest = 0

    mutating func add(_ object: APIObject) {
        guard !object.uid.isEmpty, let version = object.comparableVersion else { return }
        if versions.updateValue(version, forKey: object.uid) != nil { return }
        guard order.count == Self.limit else {
            order.append(object.uid)
            return
        }
        versions[order[oldest]] = nil
        order[oldest] = object.uid
        oldest = (oldest + 1) % Self.limit
    }

    /// Whether the object is from before its deletion; an object that left a selection may come back later.
    func outdate(_ object: APIObject) -> Bool {
        guard let deleted = versions[object.uid], let version = object.comparableVersion else { return false }
        return version <= deleted
    }
}
