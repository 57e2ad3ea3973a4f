extension JSONPatch {
    /// What makes `old` into `new`, touching nothing that is the same.
    ///
    /// Items of lists are matched by their `name`, as Kubernetes' own lists of containers, volumes and
    /// variables are, and by their value where they have none.
    package init(from old: JSON, to new: JSON) {
        var comparison = Comparison()
        comparison.compare(old, new)
        self.init(comparison.operations)
    }
}

/// A walk through two values at once.
private struct Comparison {
    private(set) var operations: [JSONPatch.Operation] = []
    /// Where the walk is.
    private var place = JSONPointer([])

    /// Most pairs of items compared of two lists; longer ones are replaced as a whole.
    private static let maximumPairs = 1 << 18

    mutating func compare(_ old: JSON, _ new: JSON) {
        switch (old, new) {
        case (.object(let old), .object(let new)): compare(old, new)
        case (.array(let old), .array(let new)): compare(old, new)
        default: if old != new { operations.append(.replace(place, new)) }
        }
    }

    private mutating func compare(_ old: JSON, _ new: JSON, below token: @autoclosure () -> String) {
        guard old != new else { return }
        place.tokens.append(token())
        compare(old, new)
        place.tokens.removeLast()
    }

    private func here(_ token: String) -> JSONPointer {
        JSONPointer(place.tokens + CollectionOfOne(token))
    }

    private mutating func compare(_ old: JSON.Object, _ new: JSON.Object) {
        for (name, value) in old {
            if let next = new[name] {
                compare(value, next, below: name)
            } else {
                operations.append(.remove(here(name)))
            }
        }
        for (name, value) in new where old[name] == nil { operations.append(.add(here(name), value)) }
    }

    /// What both lists begin and end with is found at once; only what lies between is searched.
    private mutating func compare(_ old: [JSON], _ new: [JSON]) {
        let shorter = min(old.count, new.count)
        var (head, tail) = (0, 0)
        // Indices in `old`.
        var (changedInHead, changedInTail): ([Int], [Int]) = ([], [])
        while head < shorter, let likeness = Self.likeness(old, head, new, head) {
            if likeness == .ofName { changedInHead.append(head) }
            head += 1
        }
        while tail < shorter - head,
            let likeness = Self.likeness(old, old.count - 1 - tail, new, new.count - 1 - tail)
        {
            if likeness == .ofName { changedInTail.append(old.count - 1 - tail) }
            tail += 1
        }
        let (oldMiddle, newMiddle) = (old[head..<old.count - tail], new[head..<new.count - tail])
        guard oldMiddle.count * newMiddle.count <= Self.maximumPairs else {
            return operations.append(.replace(place, .array(new)))
        }
        for index in changedInHead { compare(old[index], new[index], below: String(index)) }
        compare(Array(oldMiddle), Array(newMiddle), from: head)
        for index in changedInTail.reversed() {
            let newIndex = index + new.count - old.count
            compare(old[index], new[newIndex], below: String(newIndex))
        }
    }

    /// Makes the items of `old`, the first of which stands at `start`, into those of `new`.
    private mutating func compare(_ old: [JSON], _ new: [JSON], from start: Int) {
        let common = Self.commonLengths(old, new)
        // `index` is where the item stands once everything before it is done.
        var (from, to, index) = (0, 0, start)
        while from < old.count || to < new.count {
            if from < old.count, to < new.count, Self.isSame(old, from, new, to) {
                compare(old[from], new[to], below: String(index))
                from += 1
                to += 1
                index += 1
            } else if to < new.count, from == old.count || common[from][to + 1] >= common[from + 1][to] {
                operations.append(.add(here(String(index)), new[to]))
                to += 1
                index += 1
            } else {
                operations.append(.remove(here(String(index))))
                from += 1
            }
        }
    }

    /// How many items the rests of both lists have in common, in order.
    private static func commonLengths(_ old: [JSON], _ new: [JSON]) -> [[Int]] {
        guard !old.isEmpty else { return [] }
        var lengths = Array(repeating: Array(repeating: 0, count: new.count + 1), count: old.count + 1)
        for from in old.indices.reversed() {
            for to in new.indices.reversed() {
                lengths[from][to] =
                    isSame(old, from, new, to)
                    ? lengths[from + 1][to + 1] + 1 : max(lengths[from + 1][to], lengths[from][to + 1])
            }
        }
        return lengths
    }

    /// Why two items of lists are the same one.
    private enum Likeness {
        case ofValue
        case ofName
    }

    private static func likeness(_ old: [JSON], _ from: Int, _ new: [JSON], _ to: Int) -> Likeness? {
        let (old, new) = (old.span, new.span)
        // Most are one value, which is found without a look into it.
        if old[from] == new[to] { return .ofValue }
        guard let name = old[from]["name"]?.string, let other = new[to]["name"]?.string,
            name.hasSameBytes(as: other)
        else { return nil }
        return .ofName
    }

    private static func isSame(_ old: [JSON], _ from: Int, _ new: [JSON], _ to: Int) -> Bool {
        likeness(old, from, new, to) != nil
    }
}
