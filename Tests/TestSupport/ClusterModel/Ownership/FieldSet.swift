import Kubernetes

/// Fields of an object, as `managedFields` writes them (`FieldsV1`): `f:` a field, `k:` an item by its keys, `v:` an
/// item by its value.
struct FieldSet: Sendable, Equatable {
    /// Whether the place itself is one of them.
    var isMember = false
    private(set) var children: [String: FieldSet] = [:]

    var isEmpty: Bool { !isMember && children.isEmpty }

    static let leaf = FieldSet(isMember: true)

    subscript(_ element: String) -> FieldSet {
        get { children[element] ?? FieldSet() }
        set { children[element] = newValue.isEmpty ? nil : newValue }
    }

    // MARK: - Of values

    /// Every field that a value sets.
    init(of value: JSON, _ shape: Shape) {
        switch (value, shape.kind(of: value)) {
        case (.object(let fields), .map) where !fields.isEmpty:
            for (name, item) in fields { self["f:\(name)"] = FieldSet(of: item, shape.child(name)) }
        case (.array(let items), .list(let keys)) where !items.isEmpty:
            for item in items {
                var set = FieldSet(of: item, shape.item)
                set.isMember = true
                self[Shape.element(of: item, keys: keys)] = set
            }
        case (.array(let items), .set) where !items.isEmpty:
            for item in items { self["v:\(item)"] = .leaf }
        default: isMember = true
        }
    }

    private init(isMember: Bool = false) { self.isMember = isMember }

    init() {}

    /// The fields in which two values differ: what the new one has otherwise, and what it does not have any more.
    static func changes(
        from old: JSON?, to new: JSON?, _ shape: Shape
    ) -> (set: FieldSet, removed: FieldSet) {
        guard let old else { return (new.map { FieldSet(of: $0, shape) } ?? FieldSet(), FieldSet()) }
        guard let new else { return (FieldSet(), FieldSet(of: old, shape)) }
        guard old != new else { return (FieldSet(), FieldSet()) }
        let (was, becomes) = (parts(of: old, shape), parts(of: new, shape))
        guard let was, let becomes else { return (FieldSet(of: new, shape), FieldSet()) }
        var (set, removed) = (FieldSet(), FieldSet())
        for (element, part) in becomes {
            let change = changes(from: was[element]?.value, to: part.value, part.shape)
            set[element] = change.set
            removed[element] = change.removed
            if was[element] == nil, element.hasPrefix("k:") { set[element].isMember = true }
        }
        for (element, part) in was where becomes[element] == nil {
            removed[element] = FieldSet(of: part.value, part.shape)
            removed[element].isMember = true
        }
        return (set, removed)
    }

    /// `nil` where the value is one thing.
    static func parts(of value: JSON, _ shape: Shape) -> [String: (value: JSON, shape: Shape)]? {
        var parts: [String: (value: JSON, shape: Shape)] = [:]
        switch (value, shape.kind(of: value)) {
        case (.object(let fields), .map):
            for (name, item) in fields { parts["f:\(name)"] = (item, shape.child(name)) }
        case (.array(let items), .list(let keys)):
            for item in items { parts[Shape.element(of: item, keys: keys)] = (item, shape.item) }
        case (.array(let items), .set):
            for item in items { parts["v:\(item)"] = (item, shape.item) }
        default: return nil
        }
        return parts
    }

    // MARK: - Together

    func union(_ other: FieldSet) -> FieldSet {
        var result = self
        result.isMember = isMember || other.isMember
        for (element, set) in other.children { result[element] = self[element].union(set) }
        return result
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = self
        result.isMember = isMember && !other.isMember
        for (element, set) in other.children { result[element] = self[element].subtracting(set) }
        return result
    }

    /// Without what lies below a field that is taken away whole.
    func removing(_ other: FieldSet) -> FieldSet {
        var result = self
        if other.isMember, other.children.isEmpty { return FieldSet() }
        result.isMember = isMember && !other.isMember
        for (element, set) in other.children { result[element] = self[element].removing(set) }
        return result
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (element, set) in children { result[element] = set.intersection(other[element]) }
        return result
    }

    // MARK: - As text

    /// Each member as messages write it: `.spec.containers[name="app"].image`.
    var paths: [String] {
        var paths = isMember ? [""] : []
        for (element, set) in children.sorted(by: { $0.key < $1.key }) {
            paths += set.paths.map { Self.text(of: element) + $0 }
        }
        return paths
    }

    private static func text(of element: String) -> String {
        let content = String(element.dropFirst(2))
        switch element.first {
        case "f": return ".\(content)"
        case "k":
            let keys = (try? JSON(parsing: Array(content.utf8)))?.object ?? JSON.Object()
            return "[\(keys.map { "\($0.name)=\($0.value)" }.joined(separator: ","))]"
        default: return "[=\(content)]"
        }
    }

    /// `fieldsV1`.
    var json: JSON {
        var fields = JSON.Object()
        if isMember, !children.isEmpty { fields["."] = [:] }
        for (element, set) in children { fields[element] = set.json }
        return .object(fields)
    }

    init(_ json: JSON, isRoot: Bool = true) {
        let fields = json.object ?? JSON.Object()
        isMember = !isRoot && (fields.isEmpty || fields["."] != nil)
        for (element, set) in fields where element != "." { self[element] = FieldSet(set, isRoot: false) }
    }
}
