extension JSON {
    /// Which parts of a value are kept while it is read, so that a large object costs what is used of it.
    package struct Projection: Sendable, Equatable {
        /// Stands for every field of an object or every item of an array in a path.
        package static let any = "*"
        package static let everything = Projection(isWhole: true)

        private var isWhole: Bool
        private var parts: [String: Projection] = [:]

        private init(isWhole: Bool) {
            self.isWhole = isWhole
        }

        /// What stands at the ends of the paths, whole: `["status", "conditions", "*", "type"]`.
        package init(_ paths: [[String]]) {
            self.init(isWhole: false)
            for path in paths { keep(path[...]) }
        }

        private mutating func keep(_ path: ArraySlice<String>) {
            guard let name = path.first else {
                isWhole = true
                return
            }
            parts[name, default: Projection(isWhole: false)].keep(path.dropFirst())
        }

        /// What is kept of one value.
        enum Share {
            case whole
            case part(Projection)
            case nothing
        }

        var share: Share { isWhole ? .whole : .part(self) }

        /// What is kept of a field, and its name as it was given here, which every object then shares.
        func share(named name: String) -> (name: String, share: Share) {
            if let index = parts.index(forKey: name) { return (parts[index].key, parts[index].value.share) }
            return (name, items)
        }

        /// What is kept of an array's items.
        var items: Share { parts[Self.any]?.share ?? .nothing }

        /// The same paths below a field.
        package func nested(under name: String) -> Self {
            var outer = Projection(isWhole: false)
            outer.parts[name] = self
            return outer
        }

        package static func + (left: Self, right: Self) -> Self {
            var sum = left
            sum.isWhole = left.isWhole || right.isWhole
            sum.parts.merge(right.parts) { $0 + $1 }
            return sum
        }
    }
}
