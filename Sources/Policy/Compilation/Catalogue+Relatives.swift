import StatementAnalysis

extension Catalogue {
    /// Tables this one inherits from or is a partition of, and those that do of it, near and far.
    func relatives(of oid: ObjectID) -> [Relation] {
        closure(from: oid, along: \.parents) + closure(from: oid, along: \.children)
    }

    /// Tables that inherit from this one or are its partitions, near and far.
    func descendants(of oid: ObjectID) -> [Relation] {
        closure(from: oid, along: \.children)
    }

    /// Without the start, even where the links lead back to it.
    private func closure(from oid: ObjectID, along links: KeyPath<Relation, [ObjectID]>) -> [Relation] {
        var met: Set<ObjectID> = [oid]
        var open = [oid]
        var found: [Relation] = []
        while let next = open.popLast() {
            for linked in relation(next)?[keyPath: links] ?? [] where met.insert(linked).inserted {
                open.append(linked)
                if let relation = relation(linked) { found.append(relation) }
            }
        }
        return found
    }
}
