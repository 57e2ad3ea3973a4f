import StatementAnalysis
import Testing

@testable import Session

/// What one database's sessions know is not taken for what another's do.
struct SharedCatalogueTests {
    private func environment() throws -> ConnectionEnvironment { try Conversation().environment }

    private func place(_ server: String, _ database: String) -> SharedCatalogue.Place {
        SharedCatalogue.Place(server: server, database: Array(database.utf8))
    }

    @Test func `each database at each server has a catalogue of its own`() throws {
        let environment = try environment()
        let clinic = environment.catalogue(at: Conversation.place)
        #expect(clinic.catalogue != nil)
        #expect(environment.catalogue(at: Conversation.place) === clinic)
        for other in [place("127.0.0.1:5432", "billing"), place("127.0.0.1:5433", "clinic")] {
            #expect(environment.catalogue(at: other).catalogue == nil)
        }
    }

    @Test func `a change through the gateway has the sessions of every server ask`() throws {
        let environment = try environment()
        let standby = environment.catalogue(at: place("127.0.0.1:5433", "clinic"))
        environment.publish(Conversation.catalogue, in: standby, askedFor: standby.ask(), at: 5)
        #expect(standby.checkedAt == 5)
        environment.catalogueMayHaveChanged()
        #expect(standby.checkedAt == 0)
        #expect(environment.catalogue(at: Conversation.place).checkedAt == 0)
    }

    @Test func `what was asked for before a change, or before what is there, does not count as current`()
        throws
    {
        let environment = try environment()
        let shared = environment.catalogue(at: place("127.0.0.1:5433", "clinic"))
        let early = shared.ask()
        let late = shared.ask()
        let newer = Catalogue(relations: [])
        environment.publish(newer, in: shared, askedFor: late, at: 5)
        environment.publish(Conversation.catalogue, in: shared, askedFor: early, at: 6)
        #expect(shared.catalogue === newer)
        #expect(shared.checkedAt == 5)
        let beforeTheChange = shared.ask()
        environment.catalogueMayHaveChanged()
        #expect(shared.mayHaveChanged(since: beforeTheChange))
        environment.publish(Conversation.catalogue, in: shared, askedFor: beforeTheChange, at: 7)
        #expect(shared.catalogue === Conversation.catalogue)
        #expect(shared.checkedAt == 0)
    }

    @Test func `catalogues without sessions are forgotten when there are many`() throws {
        let environment = try environment()
        let used = environment.catalogue(at: place("a:1", "used"))
        used.sessionCount = 1
        for number in 0...ConnectionEnvironment.catalogueLimit {
            _ = environment.catalogue(at: place("a:1", "\(number)"))
        }
        #expect(environment.catalogue(at: place("a:1", "used")) === used)
        #expect(environment.catalogue(at: Conversation.place).catalogue == nil)
    }
}
