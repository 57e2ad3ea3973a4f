import API
import Testing
import WireProtocols

@testable import Manifests
@testable import Session

/// What is tried in which order, told as the search's steps: `a?` for a look-up, `a=1` for a connection.
struct ServerSearchTests {
    private func upstream(_ fields: String) throws -> DatabaseConnection.Upstream {
        let text = Conversation.manifests.replacing(
            "upstream: {host: 127.0.0.1,", with: "upstream: {\(fields),")
        let set = try ManifestSet.read([ManifestFile(path: "test.yaml", bytes: Array(text.utf8))])
        return set.connections[0].spec.upstream
    }

    private func search(_ fields: String, seed: UInt64 = 0) throws -> ServerSearch {
        ServerSearch(try upstream(fields), seed: seed)
    }

    private let abc = "hosts: [{host: a}, {host: b}, {host: c}]"

    /// Plays a search whose hosts have the addresses `1` and `2`, each of which gives `outcome`.
    private func play(
        _ search: ServerSearch, _ outcome: (String) -> ServerSearch.Failure?
    ) -> (steps: [String], end: ServerSearch.Failure?) {
        var search = search
        var steps: [String] = []
        var step = search.begin()
        while steps.count < 100 {
            switch step {
            case .resolve(let host):
                steps.append("\(host.host)?")
                step = search.found(["1", "2"])
            case .connect(let server):
                let place = "\(server.host.host)=\(server.address)"
                steps.append(place)
                guard let failure = outcome(place) else { return (steps, nil) }
                step = search.failed(failure)
            case .giveUp(let failure):
                return (steps, failure)
            }
        }
        return (steps, nil)
    }

    @Test func `every address of every host is tried in order`() throws {
        let (steps, end) = play(try search(abc)) { _ in .unreachable }
        #expect(steps == ["a?", "a=1", "a=2", "b?", "b=1", "b=2", "c?", "c=1", "c=2"])
        #expect(end == .unreachable)
    }

    @Test func `the first address that serves ends the search`() throws {
        let (steps, end) = play(try search(abc)) { $0 == "b=1" ? nil : .unreachable }
        #expect(steps == ["a?", "a=1", "a=2", "b?", "b=1"])
        #expect(end == nil)
    }

    @Test func `a host that is not the one wanted is left with all its addresses`() throws {
        let failure = ServerSearch.Failure.unsuitable(.unsuitable(.readWrite))
        let (steps, end) = play(try search(abc + ", targetSessionAttributes: ReadWrite")) { place in
            place.hasPrefix("a") ? failure : .unreachable
        }
        #expect(steps == ["a?", "a=1", "b?", "b=1", "b=2", "c?", "c=1", "c=2"])
        #expect(end == failure)
    }

    @Test func `what is told is what came closest to a session`() throws {
        let notUp = ServerSearch.Failure.notUp([1])
        let unsuitable = ServerSearch.Failure.unsuitable(.unsuitable(.primary))
        let failures: [String: ServerSearch.Failure] = [
            "a=1": unsuitable, "b=1": notUp, "c=1": .unusable(.closed), "c=2": .unreachable,
        ]
        #expect(play(try search(abc)) { failures[$0] ?? .unreachable }.end == notUp)
        #expect(
            play(try search(abc)) { $0 == "a=1" ? .unusable(.closed) : .unreachable }.end
                == .unusable(.closed))
    }

    @Test func `a name without addresses is passed over`() throws {
        var search = try search(abc)
        #expect(search.begin() == .resolve(.init(host: "a", port: 5432)))
        #expect(search.found([]) == .resolve(.init(host: "b", port: 5432)))
    }

    @Test func `where no standby serves, any server may in a second pass`() throws {
        let search = try search(abc + ", targetSessionAttributes: PreferStandby")
        #expect(search.attributes == .standby)
        var asked: [String] = []
        let (_, end) = play(search) { place in
            asked.append(place)
            return asked.count > 3 ? nil : .unsuitable(.unsuitable(.standby))
        }
        #expect(asked == ["a=1", "b=1", "c=1", "a=1"])
        #expect(end == nil)
        #expect(play(search) { _ in .unreachable }.steps.count == 18)
    }

    @Test func `a folder of sockets needs no look-up`() throws {
        var search = try search("hosts: [{host: /run/db, port: 5433}]")
        let step = search.begin()
        guard case .connect(let server) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(server.address == "/run/db/.s.PGSQL.5433")
        #expect(!server.isEncrypted)
        #expect(server.negotiation == .disabled)
    }

    @Test func `random order is another for other sessions, and leaves none out`() throws {
        var orders: Set<[String]> = []
        for seed in 0..<64 {
            let search = try search(abc + ", loadBalanceHosts: Random", seed: UInt64(seed))
            let (steps, _) = play(search) { _ in .unreachable }
            #expect(Set(steps).count == 9)
            orders.insert(steps)
        }
        #expect(orders.count > 16)
    }

    @Test func `the certificate's name is the host's own, the connection's or the address called`() throws {
        func name(_ fields: String) throws -> String? {
            var search = try search(fields)
            _ = search.begin()
            guard case .connect(let server) = search.found(["192.0.2.1"]) else { return nil }
            return server.serverName
        }
        #expect(try name("hosts: [{host: a}]") == "a")
        #expect(try name("hosts: [{host: a, serverName: b}]") == "b")
    }
}
