extension JSON {
    /// The fields of an object, each name once, sorted by the bytes of their names.
    package struct Object: Sendable {
        fileprivate var fields: [(name: String, value: JSON)]

        package init() {
            fields = []
        }

        /// The last of several fields of one name counts.
        package init(_ fields: [(String, JSON)]) {
            self.init()
            for (name, value) in fields { self[name] = value }
        }

        /// - Returns: `nil` with the name when a name occurs twice.
        init(parsed fields: [(name: String, value: JSON)]) throws(DuplicateName) {
            var isSorted = true
            for index in fields.indices.dropFirst() where isSorted {
                isSorted = Self.precedes(fields[index - 1].name, fields[index].name)
            }
            self.fields = isSorted ? fields : fields.sorted { Self.precedes($0.name, $1.name) }
            guard !isSorted else { return }
            for (previous, next) in zip(self.fields, self.fields.dropFirst())
            where previous.name.hasSameBytes(as: next.name) {
                throw DuplicateName(name: next.name)
            }
        }

        struct DuplicateName: Error {
            var name: String
        }

        package var count: Int { fields.count }
        package var isEmpty: Bool { fields.isEmpty }
        package var names: [String] { fields.map(\.name) }

        /// So many are looked through one after the other.
        private static let fewFields = 8

        /// Setting `nil` removes the field.
        package subscript(_ name: String) -> JSON? {
            get {
                guard fields.count > Self.fewFields else {
                    // Most differ in length already.
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
                case (let value?, false): fields.insert((name, value), at: index)
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
                if Self.precedes(fields[middle].name, name) { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private static func precedes(_ left: String, _ right: String) -> Bool {
            left.precedesInBytes(right)
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
    package func makeIterator() -> IndexingIterator<[(name: String, value: JSON)]> { fields.makeIterator() }
}
