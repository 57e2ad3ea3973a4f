extension JSON {
    /// The fields of an object, each name once, sorted by the bytes of their names.
    package struct Object: Sendable {
        struct Field: Sendable {
            var name: String
            var value: JSON
        }

        fileprivate var fields: [Field]

        package init() {
            fields = []
        }

        /// The last of several fields of one name counts.
        package init(_ fields: [(String, JSON)]) {
            self.fields = fields.map { Field(name: $0.0, value: $0.1) }
            guard !isSorted else { return }
            self.fields = []
            for (name, value) in fields { self[name] = value }
        }

        /// - Throws: when a name occurs twice.
        init(parsed fields: [Field]) throws(DuplicateName) {
            self.fields = fields
            guard !isSorted else { return }
            sort()
            for (previous, next) in zip(self.fields, self.fields.dropFirst())
            where previous.name.hasSameBytes(as: next.name) {
                throw DuplicateName(name: next.name)
            }
        }

        struct DuplicateName: Error {
            var name: String
        }

        private mutating func sort() {
            guard fields.count <= Self.fewFields else {
                return fields.sort { $0.name.precedesInBytes($1.name) }
            }
            for index in fields.indices {
                var place = index
                while place > 0, fields[place].name.precedesInBytes(fields[place - 1].name) {
                    fields.swapAt(place, place - 1)
                    place -= 1
                }
            }
        }

        /// Whether every name comes before the next one, and so occurs once.
        private var isSorted: Bool {
            for index in fields.indices.dropFirst()
            where !fields[index - 1].name.precedesInBytes(fields[index].name) {
                return false
            }
            return true
        }

        package var count: Int { fields.count }
        package var isEmpty: Bool { fields.isEmpty }
        package var names: [String] { fields.map(\.name) }

        /// So many are looked through, and sorted, one after the other.
        private static let fewFields = 16

        /// Setting `nil` removes the field.
        package subscript(_ name: String) -> JSON? {
            get {
                guard fields.count > Self.fewFields else {
                    for index in fields.indices where fields[index].name.hasSameBytes(as: name) {
                        return fields[index].value
                    }
                    return nil
                }
                let index = position(of: name)
                return isField(name, at: index) ? fields[index].value : nil
            }
            set {
                let index = position(of: name)
                switch (newValue, isField(name, at: index)) {
                case (let value?, true): fields[index].value = value
                case (let value?, false): fields.insert(Field(name: name, value: value), at: index)
                case (nil, true): fields.remove(at: index)
                case (nil, false): break
                }
            }
        }

        private func isField(_ name: String, at index: Int) -> Bool {
            index < fields.count && fields[index].name.hasSameBytes(as: name)
        }

        /// Where the field is, or would be inserted.
        private func position(of name: String) -> Int {
            var (low, high) = (0, fields.count)
            while low < high {
                let middle = (low + high) / 2
                if fields[middle].name.precedesInBytes(name) { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}

extension JSON.Object: Equatable {
    package static func == (left: Self, right: Self) -> Bool {
        // What was copied and not changed is in one place, and need not be looked through.
        if left.fields.span.isIdentical(to: right.fields.span) { return true }
        return left.fields.elementsEqual(right.fields) {
            $0.name.hasSameBytes(as: $1.name) && $0.value == $1.value
        }
    }
}

extension JSON.Object: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var rest: IndexingIterator<[Field]>

        package mutating func next() -> (name: String, value: JSON)? {
            rest.next().map { ($0.name, $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(rest: fields.makeIterator()) }
}
