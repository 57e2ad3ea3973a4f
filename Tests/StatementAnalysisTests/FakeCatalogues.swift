@testable import StatementAnalysis

/// A server's catalogues of tables and functions, which answer ``CatalogueReader``'s queries; some transactions write
/// to them, others roll back.
struct FakeCatalogues {
    struct Object {
        var name: String
        var columns = ["id"]
        var parent: ObjectID?
        var isRoutine = false
        var isView = false
        /// The transaction that wrote it last, and all that did, summed up.
        var writer: UInt32
        var stamp: Int128
    }

    var objects: [ObjectID: Object] = [:]
    var schemaName = "public"
    var schemaStamp: Int128 = 11
    /// The next transaction.
    var next: UInt32 = 1000
    /// The oldest that is under way.
    var horizon: UInt32 = 1000
    /// How many queries have been answered.
    private(set) var queryCount = 0
    private(set) var rowCount = 0

    /// A transaction writes the object, or takes it away.
    mutating func write(_ oid: ObjectID, _ change: (inout Object) -> Void) {
        // No two have one name.
        var object = objects[oid] ?? Object(name: "t\(oid)_\(next)", writer: next, stamp: 0)
        change(&object)
        object.writer = next
        object.stamp = object.stamp &* 31 &+ Int128(next) &* 0x9E37_79B9
        objects[oid] = object
        next += 1
    }

    /// What the reader makes of the catalogues. `meanwhile` runs before each step but the first.
    mutating func read(
        basedOn base: Catalogue?, meanwhile: (inout Self) -> Void = { _ in }
    ) throws -> Catalogue {
        var reader = CatalogueReader(basedOn: base)
        while !reader.isFinished {
            for (index, query) in reader.queries.enumerated() {
                queryCount += 1
                for row in answer(query.text) {
                    rowCount += 1
                    precondition(row.count == query.columnCount)
                    try reader.receive(query: index, row: row.map { $0.map { Array($0.utf8) } })
                }
            }
            try reader.advance()
            meanwhile(&self)
        }
        return reader.finish()
    }

    private func answer(_ query: String) -> [[String?]] {
        if query.hasPrefix("WITH written") { return overview(query) }
        let wanted = objects.filter { Self.objectList(in: query)?.contains($0.key) ?? true }
            .sorted { $0.key < $1.key }
        if query.contains("FROM pg_catalog.pg_class c") {
            return wanted.filter { !$0.value.isRoutine }.map { oid, object in
                let parents = object.parent.map { "{\($0)}" } ?? "{}"
                let kind = object.isView ? "v" : "r"
                return ["\(oid)", schemaName, object.name, kind, "p", "f", parents, "{}"]
            }
        }
        if query.contains("FROM pg_catalog.pg_attribute a") {
            return wanted.filter { !$0.value.isRoutine }.flatMap { oid, object in
                object.columns.enumerated().map { index, name in
                    ["\(oid)", "\(index + 1)", name, "23", "f", "f"]
                }
            }
        }
        if query.contains("FROM pg_catalog.pg_proc p") {
            return wanted.filter(\.value.isRoutine).map { oid, object in
                ["\(oid)", schemaName, object.name, "f", "v", "", "0", "0", "23", "f"]
                    + [String?](repeating: nil, count: 4)
            }
        }
        return query.contains("FROM pg_catalog.pg_namespace n") ? [["2200", schemaName]] : []
    }

    private func overview(_ query: String) -> [[String?]] {
        let since = Self.text(in: query, between: "<=) pg_catalog.age('", and: "'").flatMap { UInt32($0) }
        let slots = Self.objectList(in: query) ?? []
        var sums: [Int: Int128] = [:]
        var listed: [[String?]] = []
        func add(_ oid: ObjectID, _ part: CatalogueStamps.Part, _ stamp: Int128, writer: UInt32) {
            let slot = CatalogueStamps.slot(of: oid, in: part)
            sums[slot, default: 0] += stamp
            if since.map({ writer >= $0 }) ?? true || slots.contains(ObjectID(slot)) {
                listed.append(["\(slot)", "\(oid)", "\(stamp)", nil])
            }
        }
        add(2200, .schemas, schemaStamp, writer: 3)
        for (oid, object) in objects {
            add(oid, object.isRoutine ? .routines : .relations, object.stamp, writer: object.writer)
        }
        return [["150000", "clinic", "read committed", "\(UInt64(7) << 32 + UInt64(horizon))"]]
            + sums.map { ["\($0.key)", nil, "\($0.value)", nil] } + listed
    }

    private static func objectList(in query: String) -> Set<ObjectID>? {
        text(in: query, between: "ANY ('{", and: "}'").map { list in
            Set(list.split(separator: ",").compactMap { ObjectID($0) })
        }
    }

    private static func text(in query: String, between start: String, and end: String) -> Substring? {
        guard let start = query.firstRange(of: start),
            let end = query[start.upperBound...].firstRange(of: end)
        else { return nil }
        return query[start.upperBound..<end.lowerBound]
    }
}
