/// Prepared statements or portals by name; the unnamed one, which most drivers use most, costs no search.
struct NamedObjects<Object> {
    private var unnamed: Object?
    private var named: [[UInt8]: Object] = [:]

    var count: Int { named.count + (unnamed == nil ? 0 : 1) }

    subscript(name: [UInt8]) -> Object? {
        get { name.isEmpty ? unnamed : named[name] }
        set {
            if name.isEmpty { unnamed = newValue } else { named[name] = newValue }
        }
    }

    mutating func remove(_ name: [UInt8]) -> Object? {
        defer { self[name] = nil }
        return self[name]
    }

    /// Leaves the unnamed one.
    mutating func removeNamed() {
        if !named.isEmpty { named.removeAll(keepingCapacity: true) }
    }

    mutating func removeAll() {
        removeNamed()
        unnamed = nil
    }
}
