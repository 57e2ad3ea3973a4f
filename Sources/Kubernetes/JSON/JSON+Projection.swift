extension JSON {
    /// Which parts of a value are kept while it is read, so that a large object costs what is used of it.
    package struct Projection: Sendable, Equatable {
        /// Stands for every field of an object or every item of an array in a path.
        package static let any = "*"
        package static let everything = Projection(Tree(isWhole: true))

        private let tree: Tree

        /// Shared, since it is handed down to every value that is read.
        private final class Tree: Sendable, Equatable {
            let isWhole: Bool
            let parts: [Part]
            /// What is kept of fields and items that no part names.
            let others: Share
            let chosen: [Name]

            init(isWhole: Bool = false, parts: [Part] = [], others: Share = .nothing, chosen: [Name] = []) {
                self.isWhole = isWhole
                self.parts = parts
                self.others = others
                self.chosen = chosen
            }

            static func == (left: Tree, right: Tree) -> Bool {
                left.isWhole == right.isWhole && left.parts == right.parts && left.others == right.others
                    && left.chosen == right.chosen
            }
        }

        /// What is kept of one value.
        enum Share: Sendable, Equatable {
            case whole
            case part(Projection)
            case nothing
        }

        /// Of a field: its text is at hand as bytes, which are compared with many names.
        struct Name: Sendable, Equatable {
            let text: String
            private let bytes: [UInt8]

            init(_ text: String) {
                self.text = text
                bytes = Array(text.utf8)
            }

            func isSame(as other: Span<UInt8>) -> Bool {
                let bytes = bytes.span
                guard bytes.count == other.count else { return false }
                for index in bytes.indices where bytes[index] != other[index] { return false }
                return true
            }
        }

        private struct Part: Sendable, Equatable {
            let name: Name
            var projection: Projection
        }

        private init(_ tree: Tree) {
            self.tree = tree
        }

        /// What stands at the ends of the paths, whole: `["status", "conditions", "*", "type"]`.
        package init(_ paths: [[String]]) {
            self = paths.reduce(Self(Tree())) { sum, path in
                sum + path.reversed().reduce(.everything) { $0.nested(under: $1) }
            }
        }

        /// The same paths below a field.
        package func nested(under name: String) -> Self {
            let isAny = name == Self.any
            return Self(
                Tree(
                    parts: isAny ? [] : [Part(name: Name(name), projection: self)],
                    others: isAny ? share : .nothing))
        }

        /// The same, but whole of an object whose field `name` is one of these.
        package func choosing(_ names: [String]) -> Self {
            self + Self(Tree(chosen: names.map { Name($0) }))
        }

        package static func + (left: Self, right: Self) -> Self {
            let (left, right) = (left.tree, right.tree)
            var parts = left.parts
            for part in right.parts {
                if let index = parts.firstIndex(where: { $0.name == part.name }) {
                    parts[index].projection = parts[index].projection + part.projection
                } else {
                    parts.append(part)
                }
            }
            let others: Share =
                switch (left.others, right.others) {
                case (.part(let one), .part(let other)): .part(one + other)
                case (.whole, _), (_, .whole): .whole
                case (.nothing, let share), (let share, .nothing): share
                }
            return Self(
                Tree(
                    isWhole: left.isWhole || right.isWhole, parts: parts, others: others,
                    chosen: left.chosen + right.chosen))
        }

        /// Objects with one of these in their field `name` are kept whole.
        var chosen: [Name] { tree.chosen }

        var share: Share { tree.isWhole ? .whole : .part(self) }

        /// What is kept of a field of this name, and the name as it was given here, which every object then shares;
        /// `nil` for one that none of the paths names.
        func share(named name: Span<UInt8>) -> (name: String, share: Share)? {
            let parts = tree.parts
            for index in parts.indices where parts[index].name.isSame(as: name) {
                return (parts[index].name.text, parts[index].projection.share)
            }
            return nil
        }

        /// What is kept of an array's items, and of fields that none of the paths names.
        var items: Share { tree.others }
    }
}
