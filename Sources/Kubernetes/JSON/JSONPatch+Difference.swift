extension JSONPatch {
    /// What makes `old` into `new`, touching nothing that is the same.
    ///
    /// Items of lists are matched by their `name`, as Kubernetes' own lists of containers, volumes and
    /// variables are, and by their value where they have none.
    package init(from old: JSON, to new: JSON) {
        operations = []
        compare(old, new, at: JSONPointer([]))
    }

    /// Most pairs of items compared of two lists; longer ones are replaced as a whole.
    private static let maximumPairs = 1 << 18

    /// The place is made only where there is a difference.
    private mutating func compare(_ old: JSON, _ new: JSON, at place: @autoclosure () -> JSONPointer) {
        guard old != new else { return }
        let path = place()
        switch (old, new) {
        case (.object(let old), .object(let new)): compare(old, new, at: path)
        case (.array(let old), .array(let new)): compare(old, new, at: path)
        default: operations.append(.replace(path, new))
        }
    }

    private mutating func compare(_ old: JSON.Object, _ new: JSON.Object, at path: JSONPointer) {
        for (name, value) in old {
            if let next = new[name] {
                compare(value, next, at: path.appending(name))
            } else {
                operations.append(.remove(path.appending(name)))
            }
        }
        for (name, value) in new where old[name] == nil {
            operations.append(.add(path.appending(name), value))
        }
    }

    /// What both lists begin and end with is found at once; only what lies between is searched.
    private mutating func compare(_ old: [JSON], _ new: [JSON], at path: JSONPointer) {
        let shorter = min(old.count, new.count)
        var head = 0
        while head < shorter, Self.isSame(old[head], new[head]) { head += 1 }
        var tail = 0
        while tail < shorter - head, Self.isSame(old[old.count - 1 - tail], new[new.count - 1 - tail]) {
            tail += 1
        }
        let oldMiddle = Array(old[head..<old.count - tail])
        let newMiddle = Array(new[head..<new.count - tail])
        guard oldMiddle.count * newMiddle.count <= Self.maximumPairs else {
            return operations.append(.replace(path, .array(new)))
        }
        for index in 0..<head { compare(old[index], new[index], at: path.appending("\(index)")) }
        compare(oldMiddle, newMiddle, from: head, at: path)
        for index in new.count - tail..<new.count {
            compare(old[old.count - new.count + index], new[index], at: path.appending("\(index)"))
        }
    }

    /// Makes the items of `old`, the first of which stands at `start`, into those of `new`.
    private mutating func compare(_ old: [JSON], _ new: [JSON], from start: Int, at path: JSONPointer) {
        let common = Self.commonLengths(old, new)
        // `place` is where the item stands once everything before it is done.
        var (from, to, place) = (0, 0, start)
        while from < old.count || to < new.count {
            if from < old.count, to < new.count, Self.isSame(old[from], new[to]) {
                compare(old[from], new[to], at: path.appending("\(place)"))
                from += 1
                to += 1
                place += 1
            } else if to < new.count, from == old.count || common[from][to + 1] >= common[from + 1][to] {
                operations.append(.add(path.appending("\(place)"), new[to]))
                to += 1
                place += 1
            } else {
                operations.append(.remove(path.appending("\(place)")))
                from += 1
            }
        }
    }

    /// How many items the rests of both lists have in common, in order.
    private static func commonLengths(_ old: [JSON], _ new: [JSON]) -> [[Int]] {
        var lengths = Array(repeating: Array(repeating: 0, count: new.count + 1), count: old.count + 1)
        for from in old.indices.reversed() {
            for to in new.indices.reversed() {
                lengths[from][to] =
                    isSame(old[from], new[to])
                    ? lengths[from + 1][to + 1] + 1 : max(lengths[from + 1][to], lengths[from][to + 1])
            }
        }
        return lengths
    }

    private static func isSame(_ old: JSON, _ new: JSON) -> Bool {
        guard let name = old["name"]?.string, let other = new["name"]?.string else {
            return old == new
        }
        return name.hasSameBytes(as: other)
    }
}
