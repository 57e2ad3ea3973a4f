import API
import Testing

@testable import Manifests

struct ManifestSetTests {
    private func read(_ texts: String..., namespace: String? = nil) throws -> ManifestSet {
        try ManifestSet.read(
            texts.enumerated().map { ManifestFile(path: "\($0).yaml", bytes: Array($1.utf8)) },
            namespace: namespace)
    }

    @Test func `comments, order, files and notation do not change the revision`() throws {
        let revision = try read(Samples.all).revision
        let reordered = Samples.connection.replacing(
            "metadata: {name: clinic, labels: {tier: gold}}",
            with: "metadata:\n  labels:\n    'tier': \"gold\" # as before\n  name: clinic")
        #expect(try read(Samples.rule, reordered, Samples.policy).revision == revision)
        #expect(revision.count == 64)
    }

    @Test(arguments: [
        ("host: db,", "host: db2,"), ("[ssn]", "[ssn, dob]"), ("[Drop]", "[Drop, Truncate]"),
        ("tier: gold", "tier: iron"), ("name: patients", "name: people"),
    ])
    func `whatever changes behaviour changes the revision`(old: String, new: String) throws {
        #expect(try read(Samples.all.replacing(old, with: new)).revision != read(Samples.all).revision)
    }

    @Test func `only the objects of the namespace asked for are returned`() throws {
        let other = Samples.connection.replacing("{name: clinic,", with: "{name: clinic, namespace: other,")
        let set = try read(Samples.all, other, namespace: "default")
        #expect(set.connections.map(\.metadata.qualifiedName) == ["default/clinic"])
        #expect(try read(Samples.all, other).connections.count == 2)
    }

    @Test func `an object that names no namespace is in the one asked for`() throws {
        #expect(try read(Samples.all, namespace: "apps").connections.map(\.metadata.namespace) == ["apps"])
        #expect(try read(Samples.all).connections.map(\.metadata.namespace) == ["default"])
    }

    @Test func `a policy of the platform that selects namespaces is returned for each`() throws {
        let platform = Samples.policy
            .replacing("{name: patients}", with: "{name: platform, namespace: weir-system}")
            .replacing("targets: {", with: "targets: {namespaceSelector: {}, ")
        let set = try read(Samples.all, platform, namespace: "default")
        #expect(set.maskingPolicies.map(\.metadata.name) == ["patients", "platform"])
    }

    @Test func `an application's policy may not select namespaces`() {
        let text = Samples.all.replacing("targets: {", with: "targets: {namespaceSelector: {}, ")
        #expect(
            faults(in: text).allSatisfy {
                $0.hasSuffix("is for policies of the namespace weir-system only")
            } && faults(in: text).count == 2)
    }

    @Test func `two objects of one name are a fault in any file`() {
        let files = ["a.yaml", "b.yaml"].map { ManifestFile(path: $0, bytes: Array(Samples.connection.utf8)) }
        #expect(
            faults(in: files) == [
                "b.yaml:3: metadata.name: DatabaseConnection default/clinic is already defined in a.yaml:1"
            ])
    }

    @Test func `connections of one namespace may not share a place to listen`() {
        let socket = "listen: {port: 15432, unixSocketPath: /run/db.sock}"
        let first = Samples.connection.replacing("listen: {port: 15432}", with: socket)
        let second = first.replacing("{name: clinic,", with: "{name: second,")
        #expect(
            faults(in: first + "\n---\n" + second) == [
                "f.yaml:19: spec.listen.port: is 15432, as is that of DatabaseConnection default/clinic",
                "f.yaml:19: spec.listen.unixSocketPath: is /run/db.sock, as is that of DatabaseConnection default/clinic",
            ])
        let apart = first.replacing("{name: clinic,", with: "{name: second, namespace: other,")
        #expect(faults(in: first + "\n---\n" + apart).isEmpty)
    }

    @Test func `two connections that leave the port out clash too`() {
        let first = Samples.connection.replacing("  listen: {port: 15432}", with: "")
        let second = first.replacing("{name: clinic,", with: "{name: second,")
        #expect(faults(in: first + "\n---\n" + second).count == 1)
    }

    @Test func `a reference to nothing is a fault`() {
        let text = Samples.all.replacing(
            "connectionNames: [clinic]", with: "connectionNames: [clinic, clinc]")
        #expect(
            faults(in: text) == [
                "f.yaml:15: spec.targets.connectionNames[1]: names the DatabaseConnection clinc, which is not defined",
                "f.yaml:25: spec.targets.connectionNames[1]: names the DatabaseConnection clinc, which is not defined",
            ])
    }

    @Test func `a reference to a connection with faults of its own does not dangle`() {
        let text = Samples.all.replacing("host: db,", with: "host: db, colour: blue,")
        #expect(faults(in: text) == ["f.yaml:6: spec.upstream.colour: is unknown"])
    }

    @Test func `a reference into another namespace dangles`() {
        let text = Samples.all.replacing("{name: patients}", with: "{name: patients, namespace: other}")
        #expect(faults(in: text).count == 1)
    }

    @Test func `what no gateway can do yet is a warning`() throws {
        let text = Samples.all.replacing("protocol: postgres", with: "protocol: mysql")
        #expect(
            try read(text).warnings.map(\.description).first?.hasSuffix(
                "spec.protocol: is mysql, which gateways cannot speak yet; they speak postgres") == true)
        #expect(
            try read(Samples.all).warnings.map(\.description) == [
                "0.yaml:7: spec.credentials.type: is Central, which gateways cannot use yet; they use SecretRef"
            ])
    }

    @Test func `a policy that selects nothing is a warning`() throws {
        let text = Samples.all.replacing(
            "{type: Central}", with: "{type: SecretRef, secretRef: {name: clinic-db}}"
        ).replacing(
            "connectionNames: [clinic]}\n  rules",
            with: "connectionSelector: {matchLabels: {tier: iron}}}\n  rules")
        #expect(
            try read(text).warnings.map(\.description) == [
                "0.yaml:15: spec.targets.connectionSelector: selects no DatabaseConnection"
            ])
    }
}
