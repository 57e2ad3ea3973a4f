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
        ConfigurationPrecedence(startingWith: manifests("a"), hasOperator: true, at: start)
    }

    @Test func `without an operator the folder counts, and is never old`() {
        var precedence = ConfigurationPrecedence(
            startingWith: manifests("a"), hasOperator: false, at: start)
        #expect(precedence.folderRead(manifests("b"), at: after(1))?.revision == "b")
        #expect(precedence.unconfirmedSince == nil)
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
        #expect(precedence.timePassed(at: after(1000)) == nil)
    }

    @Test func `a changed snapshot counts once the stream has been away for two minutes`() {
        var precedence = started()
        precedence.streamConnected()
        precedence.streamLost(at: after(10))
        #expect(precedence.folderRead(manifests("b"), at: after(20)) == nil)
        #expect(precedence.timePassed(at: after(129)) == nil)
        #expect(precedence.timePassed(at: after(130))?.revision == "b")
        precedence.isInForce(manifests("b"))
        #expect(precedence.timePassed(at: after(131)) == nil)
        #expect(precedence.folderRead(manifests("c"), at: after(200))?.revision == "c")
    }

    @Test func `a snapshot that has not changed since does not undo what the stream brought`() {
        var precedence = started()
        precedence.streamConnected()
        precedence.isInForce(manifests("b"))
        precedence.streamLost(at: after(10))
        #expect(precedence.timePassed(at: after(1000)) == nil)
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
        let strict = try failureMode("{configStale: Deny}")
        #expect(strict.permits(unconfirmedFor: nil))
        #expect(!strict.permits(unconfirmedFor: .zero))
    }
}
