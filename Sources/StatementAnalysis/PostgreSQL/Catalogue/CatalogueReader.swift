/// Builds a ``Catalogue`` from the rows of the queries it asks for; it does no I/O.
///
/// Send ``queries`` in order as simple queries, give every row to ``receive(query:row:)``, then ``advance()``, and so on
/// until there are none; then ``finish()``. The queries change no setting and no data, ask nothing an unprivileged
/// role may not, name every object by its schema, and hold while the settings and the search path stay as they are.
///
/// 1. An overview: the sums of the stamps of all objects, and the objects that may be others since the base was read.
/// 2. Where these do not explain the sums, as where something is gone: the objects whose sums are others, again with
///    an overview of the same moment. What is based on, and what differs, is then what the server has.
/// 3. The rows of the objects that differ, and what the generated columns among them are computed from. One that changes meanwhile has another stamp than the overview's, and differs
///    from the next base.
package struct CatalogueReader {
    package enum Fault: Error, Equatable {
        /// A row is not of the shape its query gives.
        case malformedRow(query: Int)
    }

    package struct Query {
        package let text: String
        package let columnCount: Int
    }

    private enum Step {
        case overview(listing: Set<CatalogueStamps.Slot>, rounds: Int)
        case objects([CatalogueQuery])
        case finished
    }

    /// Overviews after which everything is read, if what other sessions change in between makes none of them fit.
    private static let overviewLimit = 4
    /// Most objects read one by one.
    private static let objectLimit = 8192

    /// What the overview is compared with; `nil`: everything is read.
    private var base: Catalogue?
    /// The server's own objects, once they are known.
    private var knownBuiltIns: CatalogueLayer?
    private var step = Step.overview(listing: [], rounds: 1)
    private var overview = CatalogueOverview()
    private var changed: [CatalogueStamps.Part: Set<ObjectID>] = [:]
    private var removed: [CatalogueStamps.Part: Set<ObjectID>] = [:]
    private var objects = CatalogueRows()

    /// Reads what differs from an earlier snapshot of the same database, and everything without one.
    package init(basedOn base: Catalogue? = nil) {
        self.base = base
        knownBuiltIns = base?.builtIns
    }

    /// The isolation level of the transaction that the overview was read in.
    package var isolation: String { overview.isolation }

    package var isFinished: Bool { if case .finished = step { true } else { false } }

    /// What is to be asked now, each one statement; nothing once all is known.
    package var queries: [Query] {
        switch step {
        case .overview(let slots, _):
            let text = CatalogueOverview.query(since: base?.stamps, listing: slots)
            return [Query(text: text, columnCount: CatalogueOverview.columnCount)]
        case .objects(let queries):
            return queries.map { Query(text: $0.text(of: scope(of: $0)), columnCount: $0.columnCount) }
        case .finished:
            return []
        }
    }

    private func scope(of query: CatalogueQuery) -> CatalogueQuery.Scope {
        if base != nil { return .these(changed[query.part] ?? []) }
        return knownBuiltIns == nil ? .everything : .users
    }

    /// Takes one row, its cells in text format, of the query at that position in ``queries``.
    package mutating func receive(query: Int, row: [[UInt8]?]) throws(Fault) {
        let cells = CatalogueRow(row)
        let isWellFormed: Bool
        switch step {
        case .overview:
            isWellFormed = overview.receive(cells)
        case .objects(let queries):
            guard queries.indices.contains(query) else { throw .malformedRow(query: query) }
            isWellFormed = objects.receive(cells, of: queries[query])
        case .finished:
            isWellFormed = false
        }
        guard isWellFormed else { throw .malformedRow(query: query) }
    }

    /// Every row of ``queries`` has come.
    package mutating func advance() throws(Fault) {
        switch step {
        case .overview(let slots, let rounds):
            guard overview.serverVersion > 0 else { throw .malformedRow(query: 0) }
            compare(listed: slots, rounds: rounds)
        case .objects(let queries):
            ask(objects.hasGeneratedColumns && queries != [.sources] ? [.sources] : [])
        case .finished:
            break
        }
    }

    // MARK: - What differs

    private mutating func compare(listed: Set<CatalogueStamps.Slot>, rounds: Int) {
        changed = overview.objects.mapValues { Set($0.keys) }
        removed = [:]
        guard let base else { return ask(CatalogueQuery.ofObjects) }
        guard base.serverVersion == overview.serverVersion, base.database == overview.database else {
            knownBuiltIns = nil
            return readEverything()
        }
        for part in CatalogueStamps.Part.allCases {
            let others = changed[part]?.filter { overview.objects[part]?[$0] != base.stamps[$0, in: part] }
            changed[part] = others?.isEmpty ?? true ? nil : others
        }
        for slot in listed {
            guard let part = CatalogueStamps.part(of: slot) else { continue }
            let gone = base.stamps.objects(in: slot).filter { overview.objects[part]?[$0] == nil }
            if !gone.isEmpty { removed[part, default: []].formUnion(gone) }
        }
        let unexplained = unexplainedSlots(since: base.stamps)
        guard unexplained.isEmpty else {
            guard rounds < Self.overviewLimit else { return readEverything() }
            overview = CatalogueOverview()
            step = .overview(listing: listed.union(unexplained), rounds: rounds + 1)
            return
        }
        // A schema that has another name gives one to all that is in it.
        let isRenaming = changed[.schemas]?.contains { base.stamps[$0, in: .schemas] != nil } ?? false
        guard !isRenaming, changed.values.reduce(0, { $0 + $1.count }) <= Self.objectLimit else {
            return readEverything()
        }
        ask(
            CatalogueQuery.ofObjects.filter {
                changed[$0.part] != nil || $0 == .schemas && removed[.schemas] != nil
            })
    }

    private func unexplainedSlots(since base: CatalogueStamps) -> Set<CatalogueStamps.Slot> {
        let stamps = stamps(since: base)
        return Set((0..<CatalogueStamps.slotCount).filter { stamps.sum(of: $0) != overview.sum(of: $0) })
    }

    /// The base's stamps, with what is known to differ.
    private func stamps(since base: CatalogueStamps) -> CatalogueStamps {
        var stamps = base
        for (part, objects) in removed {
            for object in objects { stamps[object, in: part] = nil }
        }
        for (part, objects) in changed {
            for object in objects { stamps[object, in: part] = overview.objects[part]?[object] }
        }
        stamps.horizon = overview.horizon
        return stamps
    }

    private mutating func readEverything() {
        base = nil
        overview = CatalogueOverview()
        step = .overview(listing: [], rounds: 1)
    }

    private mutating func ask(_ queries: [CatalogueQuery]) {
        step = queries.isEmpty ? .finished : .objects(queries)
    }

    // MARK: - The catalogue

    /// The base itself when nothing differs from it.
    package consuming func finish() -> Catalogue {
        if let base, changed.isEmpty, removed.isEmpty { return base }
        let stamps = stamps(since: base?.stamps ?? CatalogueStamps())
        var user = base?.user ?? CatalogueLayer()
        let heirs = user.remove(removed.merging(changed) { $0.union($1) })
        // What came to be after the overview differs from it: the next one tells.
        objects.insert(into: &user, heirs: heirs) { object, part in stamps[object, in: part] != nil }
        var builtIns = knownBuiltIns ?? CatalogueLayer()
        if knownBuiltIns == nil {
            objects.insert(into: &builtIns, heirs: [:]) { object, part in
                object < Catalogue.firstUserObject && part != .schemas
            }
        }
        return Catalogue(
            builtIns: builtIns, user: user, stamps: stamps, serverVersion: overview.serverVersion,
            database: overview.database)
    }
}

extension CatalogueLayer {
    /// - Returns: what inherits from those of the relations that may come back, and is not among them.
    fileprivate mutating func remove(
        _ objects: [CatalogueStamps.Part: Set<ObjectID>]
    ) -> [ObjectID: [ObjectID]] {
        var heirs: [ObjectID: [ObjectID]] = [:]
        let relations = objects[.relations] ?? []
        for relation in relations {
            heirs[relation] = remove(relation: relation).filter { !relations.contains($0) }
        }
        if objects[.schemas] != nil { removeSchemas() }
        for type in objects[.types] ?? [] { remove(type: type) }
        for routine in objects[.routines] ?? [] { remove(routine: routine) }
        for `operator` in objects[.operators] ?? [] { remove(operator: `operator`) }
        for cast in objects[.casts] ?? [] { remove(cast: cast) }
        return heirs
    }
}
