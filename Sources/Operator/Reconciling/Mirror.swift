package import Kubernetes

/// The objects of one kind as far as they are known, of all namespaces or of those that are watched.
package struct Mirror: Sendable {
    /// By the namespace that a watch is about; `nil` for a watch of all.
    private var caches: [String?: Cache] = [:]
    private var synced: Set<String?> = []

    /// Objects that changed: what was known of each before, and what is now.
    package struct Change: Sendable {
        package var old: APIObject?
        package var new: APIObject?

        var key: ObjectKey { (new ?? old)?.key ?? ObjectKey(name: "") }
    }

    package init() {}

    package subscript(key: ObjectKey) -> APIObject? {
        (caches[key.namespace] ?? caches[nil])?[key]
    }

    package func objects(in namespace: String) -> [APIObject] {
        (caches[namespace] ?? caches[nil])?.objects(in: namespace) ?? []
    }

    package var objects: [APIObject] { caches.values.flatMap { $0.objects() } }
    package var count: Int { caches.values.reduce(0) { $0 + $1.count } }

    /// Whether each watch of these scopes has brought its first state.
    func isSynced(for scopes: [String?]) -> Bool { scopes.allSatisfy(synced.contains) }

    /// Takes what the watch of a namespace has brought; `scope` is `nil` for that of all.
    mutating func take(
        _ delivery: Delivery, scope: String?, reducing reduce: (APIObject) -> APIObject
    ) -> [Change] {
        // Taken out, as it would be copied otherwise.
        var cache = caches.updateValue(Cache(), forKey: scope) ?? Cache()
        defer { caches[scope] = cache }
        let changes: [Cache.Change]
        switch delivery {
        case .all(let objects):
            synced.insert(scope)
            changes = cache.replace(with: objects.map(reduce))
        case .change(let event):
            changes = cache.apply(event.mapped(reduce))
        }
        return changes.map { change in
            switch change {
            case .added(let object): Change(old: nil, new: object)
            case .modified(let old, let new): Change(old: old, new: new)
            case .deleted(let object): Change(old: object, new: nil)
            }
        }
    }

    /// What a reflector brings, whatever its clock.
    package enum Delivery: Sendable {
        case all([APIObject])
        case change(WatchEvent)
    }
}

extension WatchEvent {
    fileprivate func mapped(_ transform: (APIObject) -> APIObject) -> WatchEvent {
        switch self {
        case .added(let object): .added(transform(object))
        case .modified(let object): .modified(transform(object))
        case .deleted(let object): .deleted(transform(object))
        case .bookmark, .failed: self
        }
    }
}
