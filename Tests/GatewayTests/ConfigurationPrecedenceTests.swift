import API
import Testing

@testable import Gateway
@testable import Manifests

struct ConfigurationPrecedenceTests {
    private let start = ContinuousClock.now
    private func manifests(_ revision: String) -> ManifestSet {
        ManifestSet(
            connections: [], maskingPolicies: [], approvalRules: [], revision: revision, list: [],
            warnings: [])
    }

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// In a cluster, started with the snapshot `a`.
    private func started() -> ConfigurationPrecedence {
        var precedence = ConfigurationPrecedence(startingWith: manifests("a"), hasOperator: true, at: start)
        precedence.isInForce(precedence.first(at: start))
        return precedence
    }

    @Test func `without an operator the folder counts, and is never old`() {
        var precedence = ConfigurationPrecedence(
            startingWith: manifests("a"), hasOperator: false, at: start)
        #expect(precedence.folderRead(manifests("b"), at: after(1))?.revision == "b")
        #expect(precedence.unconfirmedSince == nil)
    }

    @Test func `without an operator what the folder holds is tried until it is in force or gone`() {
        var precedence = ConfigurationPrecedence(
            startingWith: manifests("a"), hasOperator: false, at: start)
        precedence.isInForce(manifests("a"))
        #expect(precedence.newerSnapshot(at: start) == nil)
        _ = precedence.folderRead(manifests("b"), at: after(1))
        #expect(precedence.newerSnapshot(at: after(2))?.revision == "b")
        precedence.folderUnreadable()
        #expect(precedence.newerSnapshot(at: after(3)) == nil)
        _ = precedence.folderRead(manifests("b"), at: after(4))
        precedence.isInForce(manifests("b"))
        #expect(precedence.newerSnapshot(at: after(5)) == nil)
    }

    @Test func `what the stream brings counts, but not what is in force already`() {
        var precedence = started()
        precedence.streamConnected()
        #expect(precedence.streamed(manifests("a")) == nil)
        #expect(precedence.streamed(manifests("b"))?.revision == "b")
        precedence.isInForce(manifests("b"))
        #expect(precedence.streamed(manifests("b")) == nil)
    }

    @Test func `while the stream is there, the snapshot does not count`() {
        var precedence = started()
        precedence.streamConnected()
        #expect(precedence.folderRead(manifests("b"), at: after(1)) == nil)
        #expect(precedence.newerSnapshot(at: after(1000)) == nil)
    }

    @Test func `a changed snapshot counts once the stream has been away for two minutes`() {
        var precedence = started()
        precedence.streamConnected()
        precedence.streamLost(at: after(10))
        #expect(precedence.folderRead(manifests("b"), at: after(20)) == nil)
        #expect(precedence.newerSnapshot(at: after(129)) == nil)
        #expect(precedence.newerSnapshot(at: after(130))?.revision == "b")
        precedence.isInForce(manifests("b"))
        #expect(precedence.newerSnapshot(at: after(131)) == nil)
        #expect(precedence.folderRead(manifests("c"), at: after(200))?.revision == "c")
    }

    @Test func `a snapshot that has not changed since does not undo what the stream brought`() {
        var precedence = started()
        precedence.streamConnected()
        precedence.isInForce(manifests("b"))
        precedence.streamLost(at: after(10))
        #expect(precedence.newerSnapshot(at: after(1000)) == nil)
    }

    /// After a gateway that had `b` confirmed so many seconds ago, over the snapshot `a`.
    private func goingOn(over snapshot: String?, after age: Int) -> ConfigurationPrecedence {
        let kept = KeptConfiguration.Confirmed(
            manifests: manifests("b"), snapshot: "a", age: .seconds(age))
        return ConfigurationPrecedence(goingOnWith: kept, folder: snapshot.map(manifests), at: start)
    }

    @Test(arguments: ["a", "older", nil])
    func `a gateway that begins anew goes on with what the stream brought last`(snapshot: String?) {
        let precedence = goingOn(over: snapshot, after: 1)
        #expect(precedence.first(at: start).revision == "b")
        #expect(precedence.unconfirmedSince == after(-1))
    }

    @Test func `begun anew, a changed snapshot counts as it would have without the interruption`() {
        var precedence = goingOn(over: "c", after: 1)
        precedence.isInForce(manifests("b"))
        let delay = 120 + Int(KeptConfiguration.noteInterval) - 1
        #expect(precedence.newerSnapshot(at: after(delay - 1)) == nil)
        #expect(precedence.newerSnapshot(at: after(delay))?.revision == "c")
        #expect(goingOn(over: "c", after: 1000).first(at: start).revision == "c")
        #expect(goingOn(over: "a", after: 1000).first(at: start).revision == "b")
    }

    @Test func `what is kept is what the operator confirms, with the snapshot there is`() throws {
        var precedence = started()
        #expect(precedence.keeping == nil)
        precedence.streamConnected()
        precedence.isInForce(manifests("b"))
        #expect(precedence.keeping == nil)
        precedence.streamAccepted()
        let kept = try #require(precedence.keeping)
        #expect((kept.manifests.revision, kept.snapshot) == ("b", "a"))
        _ = precedence.folderRead(manifests("c"), at: after(1))
        #expect(precedence.keeping?.snapshot == "c")
        precedence.streamLost(at: after(2))
        #expect(precedence.keeping == nil)
    }

    @Test func `confirmed is what the operator knows to be in force`() {
        var precedence = started()
        #expect(precedence.unconfirmedSince == start)
        precedence.streamConnected()
        #expect(precedence.unconfirmedSince == start)
        precedence.streamAccepted()
        #expect(precedence.unconfirmedSince == nil)
        precedence.streamLost(at: after(100))
        #expect(precedence.unconfirmedSince == after(100))
        precedence.streamLost(at: after(200))
        #expect(precedence.unconfirmedSince == after(100))
        precedence.streamConnected()
        precedence.streamAccepted()
        precedence.streamRefused(at: after(300))
        #expect(precedence.unconfirmedSince == after(300))
        precedence.streamRefused(at: after(400))
        #expect(precedence.unconfirmedSince == after(300))
    }

    @Test func `failureMode says how old a configuration may be`() throws {
        func failureMode(_ text: String) throws -> DatabaseConnection.FailureMode {
            let manifest = """
                apiVersion: weir.dev/v1alpha1
                kind: DatabaseConnection
                metadata: {name: clinic}
                spec:
                  protocol: postgres
                  upstream: {host: db}
                  credentials: {type: SecretRef, secretRef: {name: clinic-db}}
                  podSelector: {matchLabels: {app: api}}
                  failureMode: \(text)
                """
            let file = ManifestFile(path: "clinic.yaml", bytes: Array(manifest.utf8))
            return try #require(ManifestSet.read([file]).connections.first).spec.failureMode
        }
        let known = try failureMode("{configStale: LastKnownGood, maxStaleness: 1h}")
        #expect(known.permits(unconfirmedFor: nil))
        #expect(known.permits(unconfirmedFor: .seconds(3600)))
        #expect(!known.permits(unconfirmedFor: .seconds(3601)))
        let longest = try failureMode("{maxStaleness: 720h}")
        #expect(!longest.permits(unconfirmedFor: KeptConfiguration.unknownAge))
        let strict = try failureMode("{configStale: Deny}")
        #expect(strict.permits(unconfirmedFor: nil))
        #expect(!strict.permits(unconfirmedFor: .zero))
    }
}
