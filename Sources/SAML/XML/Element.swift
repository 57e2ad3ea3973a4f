/// An element of XML as a value: its name, its attributes without a namespace, what is in it.
struct Element: Sendable, Equatable {
    /// A name in a namespace.
    struct Name: Sendable, Hashable {
        var namespace: String
        var local: String

        init(_ namespace: String, _ local: String) {
            self.namespace = namespace
            self.local = local
        }
    }

    var name: Name
    /// Those in no namespace, by name.
    var attributes: [String: String] = [:]
    var children: [Element] = []
    /// All text directly in it, joined.
    var text = ""

    /// The text of an element that holds nothing else; `nil` where there are elements in it.
    var leafText: String? { children.isEmpty ? text : nil }

    func all(_ name: Name) -> [Element] { children.filter { $0.name == name } }

    /// The only child of that name; `nil` where there is none.
    /// - Throws: ``SAMLFault/malformed(_:)`` where there are several.
    func only(_ name: Name) throws(SAMLFault) -> Element? {
        let found = all(name)
        guard found.count <= 1 else { throw .malformed("\(name.local) is there twice") }
        return found.first
    }

    /// - Throws: ``SAMLFault/malformed(_:)`` also where there is none.
    func required(_ name: Name) throws(SAMLFault) -> Element {
        guard let child = try only(name) else { throw .malformed("\(name.local) is missing") }
        return child
    }

    func attribute(_ name: String) throws(SAMLFault) -> String {
        guard let value = attributes[name] else {
            throw .malformed("\(self.name.local) has no \(name)")
        }
        return value
    }

    /// How often elements of that name are in it, at any depth, itself among them.
    func count(of wanted: Name) -> Int {
        (name == wanted ? 1 : 0) + children.reduce(0) { $0 + $1.count(of: wanted) }
    }

    /// Itself and each element in it, at any depth.
    var everything: [Element] { [self] + children.flatMap(\.everything) }
}
