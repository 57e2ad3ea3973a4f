import API
import Testing

@testable import Manifests

/// Where a database is, and how it is spoken to there.
struct UpstreamTests {
    private func spec(_ upstream: String, listen: String = "{port: 15432}") throws -> DatabaseConnection.Spec
    {
        let text = Samples.connection.replacing("{host: db, database: clinic}", with: upstream)
            .replacing("listen: {port: 15432}", with: "listen: \(listen)")
        let set = try ManifestSet.read([ManifestFile(path: "f.yaml", bytes: Array(text.utf8))])
        return set.connections[0].spec
    }

    private func faults(_ upstream: String, listen: String = "{port: 15432}") -> [String] {
        do {
            _ = try spec(upstream, listen: listen)
            return []
        } catch {
            return ((error as? ManifestFaults)?.faults ?? []).map { "\($0.field): \($0.message)" }
        }
    }

    @Test func `several hosts are read in their order`() throws {
        let upstream = try spec(
            """
            {hosts: [{host: a}, {host: "::1", port: 5433, serverName: b}, {host: /run/postgresql}], \
            targetSessionAttributes: PreferStandby, loadBalanceHosts: Random}
            """
        ).upstream
        #expect(
            upstream.hosts == [
                .init(host: "a", port: 5432), .init(host: "::1", port: 5433, serverName: "b"),
                .init(host: "/run/postgresql", port: 5432),
            ])
        #expect(upstream.targetSessionAttributes == .preferStandby)
        #expect(upstream.loadBalanceHosts == .random)
    }

    @Test func `what is left out is one host, any server, in order`() throws {
        let upstream = try spec("{host: db}").upstream
        #expect(upstream.hosts == [.init(host: "db", port: 5432)])
        #expect(upstream.targetSessionAttributes == .any)
        #expect(upstream.loadBalanceHosts == .disable)
        #expect(upstream.tls.negotiation == .postgres)
        #expect(upstream.tls.channelBinding == .prefer)
        #expect(upstream.tls.clientCertificateSecretRef == nil)
    }

    @Test func `a certificate of the gateway's own is read`() throws {
        let tls = try spec(
            "{host: db, tls: {negotiation: Direct, channelBinding: Require, clientCertificateSecretRef: {name: c}}}"
        ).upstream.tls
        #expect(tls.negotiation == .direct)
        #expect(tls.channelBinding == .require)
        #expect(tls.clientCertificateSecretRef?.certificate == SecretKeyReference(name: "c", key: "tls.crt"))
        #expect(tls.clientCertificateSecretRef?.privateKey == SecretKeyReference(name: "c", key: "tls.key"))
    }

    @Test(
        arguments: [
            ("{database: clinic}", ["spec.upstream.host: is missing"]),
            ("{hosts: []}", ["spec.upstream.hosts: names no host"]),
            (
                "{host: a, port: 5432, hosts: [{host: b}]}",
                [
                    "spec.upstream.host: has no meaning beside hosts",
                    "spec.upstream.port: has no meaning beside hosts",
                ]
            ),
            (
                "{hosts: [{port: 0}, {host: a b, colour: blue}], targetSessionAttributes: Some}",
                [
                    "spec.upstream.hosts[0].host: is missing",
                    "spec.upstream.hosts[0].port: is out of range: 1 to 65535 are allowed",
                    "spec.upstream.hosts[1].host: is no host name, address or absolute path of a socket's folder",
                    "spec.upstream.hosts[1].colour: is unknown",
                    "spec.upstream.targetSessionAttributes: is none of Any, ReadWrite, ReadOnly, Primary, Standby, PreferStandby",
                ]
            ),
            (
                "{host: a, tls: {mode: Disable, negotiation: Direct, channelBinding: Require, clientCertificateSecretRef: {name: c}}}",
                [
                    "spec.upstream.tls.negotiation: has no meaning with mode Disable",
                    "spec.upstream.tls.channelBinding: cannot be required with mode Disable",
                    "spec.upstream.tls.clientCertificateSecretRef: has no meaning with mode Disable",
                ]
            ),
            (
                "{host: /run/db, tls: {channelBinding: Require}}",
                ["spec.upstream.tls: requires channel binding, which a unix socket does not have"]
            ),
            (
                "{host: /\(String(repeating: "a", count: 100))}",
                [
                    "spec.upstream.host: makes a socket that is no absolute path without '..' of at most 107 bytes"
                ]
            ),
        ] as [(String, [String])])
    func `what contradicts itself is a fault, all of it at once`(upstream: String, expected: [String]) {
        #expect(Set(faults(upstream)) == Set(expected))
    }

    @Test func `a socket is a file, or one of PostgreSQL's name in a folder`() throws {
        let file = try spec("{host: a}", listen: "{unixSocketPath: /run/weir.sock}").listen
        #expect(file.unixSocket == "/run/weir.sock")
        #expect(file.unixSocketPermissions == 0o777)
        let folder = try spec(
            "{host: a}", listen: "{port: 6000, unixSocketPath: /run/weir/, unixSocketPermissions: \"0770\"}"
        ).listen
        #expect(folder.unixSocket == "/run/weir/.s.PGSQL.6000")
        #expect(folder.unixSocketPermissions == 0o770)
    }

    @Test(arguments: ["7777", "77", "0778", "rwx", "+770"])
    func `permissions are three octal digits`(text: String) {
        let listen = "{unixSocketPath: /run/weir/, unixSocketPermissions: \"\(text)\"}"
        #expect(
            faults("{host: a}", listen: listen) == [
                "spec.listen.unixSocketPermissions: is no file mode (octal digits, such as 0770)"
            ])
    }

    @Test func `permissions need a socket, and a folder's socket is short enough`() {
        #expect(
            faults("{host: a}", listen: "{unixSocketPermissions: \"0700\"}") == [
                "spec.listen.unixSocketPermissions: has no meaning without unixSocketPath"
            ])
        let folder = "/" + String(repeating: "a", count: 98) + "/"
        #expect(faults("{host: a}", listen: "{unixSocketPath: \(folder)}").count == 1)
    }
}
