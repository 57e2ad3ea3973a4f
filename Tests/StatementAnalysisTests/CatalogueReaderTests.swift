import SeededRandomness
import Testing

@testable import StatementAnalysis

/// What is read on top of an earlier snapshot is what would be read anew (G11).
struct CatalogueReaderTests {
    private static let oids = (0..<60).map { ObjectID(20_000 + 37 * $0) }

    private func summary(_ catalogue: Catalogue) -> Set<String> {
        var lines: Set<String> = []
        for relation in catalogue.userRelations {
            let columns = relation.columns.map(\.name).joined(separator: ",")
            lines.insert(
                "\(relation.oid) \(relation.schema).\(relation.name) (\(columns)) of \(relation.parents) "
                    + "for \(relation.children.sorted())")
            let found = catalogue.relation(schema: relation.schema, name: relation.name)
            if found?.oid == relation.oid { lines.insert("\(relation.oid) by name") }
        }
        for oid in Self.oids {
            for routine in catalogue.routines(named: "f\(oid)") { lines.insert("\(routine.oid) \(routine)") }
        }
        return lines.union(["public", "renamed"].filter(catalogue.hasSchema))
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `reading what differs gives what reading everything gives`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var server = FakeCatalogues()
        var catalogue = try server.read(basedOn: nil)
        var saved = server
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                change(&server, &random)
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: saved = server
            case 1:  // Rolled back: what was there before is there again, under its old stamps.
                let next = server.next
                server.objects = saved.objects
                server.next = next
            case 2: server.horizon = server.next
            case 3 where seed % 4 == 0:
                server.schemaName = server.schemaName == "public" ? "renamed" : "public"
                server.schemaStamp += 1
            default: break
            }
            catalogue = try server.read(basedOn: catalogue)
            let everything = try server.read(basedOn: nil)
            #expect(summary(catalogue) == summary(everything))
        }
    }

    private func change(_ server: inout FakeCatalogues, _ random: inout SeededGenerator) {
        let oid = Self.oids.randomElement(using: &random) ?? 0
        let other = Self.oids.randomElement(using: &random) ?? 0
        guard let object = server.objects[oid] else {
            let isRoutine = oid % 2 == 1
            return server.write(oid) {
                $0.isRoutine = isRoutine
                if isRoutine { $0.name = "f\(oid)" }
            }
        }
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            server.objects[oid] = nil
            for (child, heir) in server.objects where heir.parent == oid {
                server.write(child) { $0.parent = nil }
            }
        case 1 where !object.isRoutine: server.write(oid) { $0.columns.append("c\($0.columns.count)") }
        case 2 where !object.isRoutine:
            guard let parent = server.objects[other], !parent.isRoutine, other < oid else { return }
            server.write(oid) { $0.parent = other }
        case 3 where !object.isRoutine:
            // The two change names.
            guard let named = server.objects[other], !named.isRoutine, other != oid else { return }
            server.write(oid) { $0.name = named.name }
            server.write(other) { $0.name = object.name }
        default: server.write(oid) { _ in }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what changes while it is read is found by the next reading`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var server = FakeCatalogues()
        var catalogue: Catalogue?
        for _ in 0..<20 {
            catalogue = try server.read(basedOn: catalogue) { server in
                for _ in 0..<3 { change(&server, &random) }
            }
        }
        let next = try server.read(basedOn: catalogue)
        let everything = try server.read(basedOn: nil)
        #expect(summary(next) == summary(everything))
    }

    @Test(arguments: [
        "GRANT SELECT ON shown TO somebody", "DROP VIEW shown",
        "CREATE OR REPLACE VIEW shown AS SELECT 1 AS id",
        "COMMENT ON VIEW shown IS 'it'", "DROP SCHEMA public CASCADE", "ALTER VIEW shown RENAME TO hidden",
        "DROP RULE r ON shown", "SELECT id FROM shown",
    ])
    func `what names a view waits for what the view reads`(text: String) throws {
        var server = FakeCatalogues()
        server.write(20_000) { $0.isView = true }
        server.write(20_000) { $0.name = "shown" }
        let catalogue = try server.read(basedOn: nil)
        let context = SessionContext(searchPath: ["public"])
        let facts = try StatementAnalyzer.all(text, catalogue, context)
        #expect(facts.map(\.pendingViews) == [[20_000]])
        let definition = ViewDefinition(text: "SELECT 1 AS id", searchPath: ["public"])
        catalogue.define([20_000: definition], asked: [20_000])
        #expect(try StatementAnalyzer.all(text, catalogue, context).map(\.pendingViews) == [[]])
    }

    @Test func `one change among many objects costs little, and none at all keeps the catalogue`() throws {
        var server = FakeCatalogues()
        for number in 0..<2000 { server.write(ObjectID(20_000 + number)) { _ in } }
        server.horizon = server.next
        let base = try server.read(basedOn: nil)
        var before = (server.queryCount, server.rowCount)
        let same = try server.read(basedOn: base)
        #expect(same === base)
        #expect(server.queryCount - before.0 == 1)
        server.write(20_500) { $0.name = "renamed" }
        before = (server.queryCount, server.rowCount)
        let renamed = try server.read(basedOn: base)
        #expect(renamed.relation(20_500)?.name == "renamed")
        #expect(server.queryCount - before.0 == 3)
        #expect(server.rowCount - before.1 < 100)
        server.objects[20_501] = nil
        before = (server.queryCount, server.rowCount)
        let dropped = try server.read(basedOn: renamed)
        #expect(dropped.relation(20_501) == nil)
        #expect(server.rowCount - before.1 < 300)
    }
}
