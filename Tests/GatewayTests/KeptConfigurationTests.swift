import API
import Foundation
import Logging
import Manifests
import Testing

@testable import Gateway

/// What a gateway that begins anew finds of the one before.
struct KeptConfigurationTests {
    private let now: Int64 = 1_800_000_000
    private let data: String
    private let manifests: ManifestSet

    init() throws {
        data = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        manifests = try SampleConnection.manifests()
    }

    private var kept: KeptConfiguration { KeptConfiguration(data: data) }

    private func configuration(namespace: String = "clinic") -> GatewayConfiguration {
        GatewayConfiguration(
            manifests: data, namespace: namespace, secrets: data, data: data, sink: "", name: "",
            listenAddresses: [],
            clientTLS: nil, requiresTLS: false, users: "people", userGroups: [:], workload: nil,
            logLevel: .info)
    }

    @Test(arguments: ["a1", nil])
    func `it is what was in force, over which snapshot, and how long ago`(snapshot: String?) throws {
        var kept = kept
        let isKept = kept.note(manifests, snapshot: snapshot, at: now)
        #expect(isKept)
        let confirmed = try #require(kept.confirmed(for: configuration(), at: now + 5))
        #expect(confirmed.manifests.revision == manifests.revision)
        #expect(confirmed.manifests.connections == manifests.connections)
        #expect((confirmed.snapshot, confirmed.age) == (snapshot, .seconds(5)))
    }

    @Test(
        arguments: [
            (-5, .zero), (-60, .zero), (-61, KeptConfiguration.unknownAge),
            (-1_000_000, KeptConfiguration.unknownAge),
        ] as [(Int64, Duration)])
    func `what was confirmed at a time to come is as old as can be, but for a little`(
        later: Int64, age: Duration
    ) {
        var kept = kept
        _ = kept.note(manifests, snapshot: "a", at: now)
        #expect(kept.confirmed(for: configuration(), at: now + later)?.age == age)
    }

    @Test func `a time to come is written over as soon as the clock is right`() {
        var kept = kept
        _ = kept.note(manifests, snapshot: "a", at: now + 7200)
        _ = kept.note(manifests, snapshot: "a", at: now)
        #expect(kept.confirmed(for: configuration(), at: now)?.age == .zero)
    }

    @Test func `that it is still so is written down once a minute, and what changes at once`() {
        var kept = kept
        func age(at time: Int64) -> Duration? { self.kept.confirmed(for: configuration(), at: time)?.age }
        _ = kept.note(manifests, snapshot: "a", at: now)
        _ = kept.note(manifests, snapshot: "a", at: now + 59)
        #expect(age(at: now + 59) == .seconds(59))
        _ = kept.note(manifests, snapshot: "a", at: now + 60)
        #expect(age(at: now + 60) == .zero)
        _ = kept.note(manifests, snapshot: "b", at: now + 61)
        #expect(age(at: now + 61) == .zero)
    }

    @Test(arguments: [
        "", "1", "1\n", "x\na\n{}", "1\na\n", "1\na\n{}", "1\na\n[", "1\na\nkind: List",
    ])
    func `what is no configuration is none`(content: String) throws {
        try content.write(toFile: "\(data)/configuration", atomically: true, encoding: .utf8)
        #expect(kept.confirmed(for: configuration(), at: now) == nil)
    }

    @Test func `a time before 1970 is none`() throws {
        let content = Array("\(Int64.min)\na\n".utf8) + manifests.list
        try Data(content).write(to: URL(filePath: "\(data)/configuration"))
        #expect(kept.confirmed(for: configuration(), at: now) == nil)
    }

    @Test func `nothing, or what this gateway does not serve, is none`() {
        #expect(kept.confirmed(for: configuration(), at: now) == nil)
        var kept = kept
        _ = kept.note(manifests, snapshot: nil, at: now)
        #expect(kept.confirmed(for: configuration(namespace: "other"), at: now) == nil)
    }

    @Test func `credentials of a type that no gateway can use are refused`() throws {
        let connection = """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: main, namespace: clinic}
            spec:
              protocol: postgres
              upstream: {host: db}
              credentials: {type: Central}
              podSelector: {matchLabels: {app: api}}
            """
        let file = ManifestFile(path: "main.yaml", bytes: Array(connection.utf8))
        let manifests = try ManifestSet.read([file], namespace: "clinic")
        #expect(
            throws: GatewayFault.unsupported(
                connection: "clinic/main", what: try #require(manifests.connections[0].spec.unsupported))
        ) {
            try GatewayFault.check(manifests, for: configuration())
        }
    }

    @Test func `a folder that takes no file is told`() {
        var kept = KeptConfiguration(data: data + "/none")
        let isKept = kept.note(manifests, snapshot: nil, at: now)
        #expect(!isKept)
    }
}
