import Foundation
import Kubernetes
import Synchronization
import Testing

@testable import KubernetesClient

@Suite(.timeLimit(.minutes(5)))
struct ExecPluginTests {
    let folder: URL
    let environment: [String: String]

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "exec-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        environment = ["PATH": "\(folder.path):/usr/bin:/bin"]
    }

    /// A plugin that is this shell script.
    func plugin(_ script: String, cluster: JSON? = nil) throws -> ExecPlugin {
        let file = folder.appending(path: "plugin")
        try "#!/bin/sh\n\(script)\n".write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        return ExecPlugin(
            command: "plugin", arguments: ["a b", "c"], environment: ["EXTRA": "1"], apiVersion: Self.version,
            installHint: "install it", cluster: cluster)
    }

    static let version = "client.authentication.k8s.io/v1"
    static func credential(_ status: String) -> String {
        #"{"apiVersion":"\#(version)","kind":"ExecCredential","status":{\#(status)}}"#
    }

    final class TestClock: Sendable {
        let time = Mutex(Timestamp(microseconds: 1_795_858_200_000_000))
    }

    func access(_ plugin: ExecPlugin, _ clock: TestClock = TestClock()) -> ExecAccess {
        ExecAccess(
            plugin, Access(trust: .system), environment: environment, now: { clock.time.withLock(\.self) })
    }

    @Test func `a plugin is told what it needs, and makes a token`() async throws {
        let access = access(
            try plugin(
                """
                [ "$1" = "a b" ] && [ "$2" = c ] && [ "$EXTRA" = 1 ] && ! read line || exit 9
                printf %s "$KUBERNETES_EXEC_INFO" > \(folder.path)/info
                echo '\(Self.credential(#""token":"t""#))'
                """, cluster: ["server": "https://k"]))
        #expect(try await access.current() == Access(authorization: "Bearer t", trust: .system))
        let info = try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "info"))))
        #expect(
            info == [
                "apiVersion": .string(Self.version), "kind": "ExecCredential",
                "spec": ["interactive": false, "cluster": ["server": "https://k"]],
            ])
    }

    @Test func `a plugin is run again when what it made expires or is refused`() async throws {
        let clock = TestClock()
        let count = "\(folder.path)/count"
        let access = access(
            try plugin(
                """
                echo x >> \(count)
                n=$(wc -l < \(count))
                echo '{"apiVersion":"\(Self.version)","kind":"ExecCredential","status":{"token":"t'$n'",' \\
                    '"expirationTimestamp":"2026-11-28T09:31:00Z"}}'
                """), clock)
        async let first = access.current()
        async let second = access.current()
        let both = try await [first, second]
        #expect(both.map(\.authorization) == ["Bearer t1", "Bearer t1"])
        #expect(try await access.current().authorization == "Bearer t1")
        let renewed = try await access.renewed(after: both[0])
        #expect(renewed?.authorization == "Bearer t2")
        // Somebody else was refused with the first as well.
        #expect(try await access.renewed(after: both[0])?.authorization == "Bearer t2")
        clock.time.withLock { $0.microseconds += 60_000_000 }
        #expect(try await access.current().authorization == "Bearer t3")
    }

    @Test func `a plugin may make a certificate`() async throws {
        let access = access(
            try plugin("echo '\(Self.credential(#""clientCertificateData":"C","clientKeyData":"K""#))'"))
        #expect(
            try await access.current()
                == Access(identity: ClientIdentity(certificates: [0x43], key: [0x4b]), trust: .system))
    }

    @Test(arguments: [
        ("exit 3", "plugin: it ended with status 3; install it"),
        ("kill -9 $$", "plugin: it was killed; install it"),
        ("true", "plugin: it made no ExecCredential of \(version) with a status; install it"),
        ("echo '\(credential(""))'", "plugin: it made neither a token nor a certificate; install it"),
        ("echo '\(credential(#""token":"a b""#))'", "plugin: its token: holds no token; install it"),
        (
            "echo '\(credential(#""clientKeyData":"K""#))'",
            "plugin: it made a certificate or a key without the other; install it"
        ),
        (
            "echo '\(credential(#""token":"t","expirationTimestamp":"soon""#))'",
            "plugin: its expirationTimestamp is no time; install it"
        ),
        ("head -c 2000000 /dev/zero", "plugin: it made more than 1048576 bytes; install it"),
    ])
    func `what a plugin may not do is told`(script: String, message: String) async throws {
        let access = access(try plugin(script))
        await #expect(throws: TransportFailure.credentials(message)) { try await access.current() }
    }

    @Test func `a plugin that is not there is told with what to do`() async throws {
        var plugin = try plugin("true")
        plugin.command = "absent"
        await #expect(throws: TransportFailure.credentials("absent: is not installed; install it")) {
            try await access(plugin).current()
        }
        plugin.command = "\(folder.path)/absent"
        plugin.installHint = ""
        await #expect(
            throws: TransportFailure.credentials(
                "\(folder.path)/absent: cannot be run: No such file or directory")
        ) {
            try await access(plugin).current()
        }
    }

    @Test(arguments: ["sleep 600", "exec >&-; sleep 600", "sleep 600 & echo x; wait"])
    func `a program that takes too long is killed with what it started`(script: String) async throws {
        _ = try plugin(script)
        let process = ChildProcess(
            command: "plugin", arguments: [], environment: environment, timeLimit: .milliseconds(200),
            outputLimit: 100)
        await #expect(throws: ConfigurationError.self) { try await process.run() }
    }

    @Test func `a kubeconfig's plugin is found beside it`() async throws {
        _ = try plugin("echo '\(Self.credential(#""token":"t""#))'")
        let config = """
            current-context: c
            clusters: [{name: k, cluster: {server: "https://k", extensions: [
              {name: client.authentication.k8s.io/exec, extension: {audience: weir, number: 7}}]}}]
            contexts: [{name: c, context: {cluster: k, user: u}}]
            users: [{name: u, user: {exec: {command: ./plugin, apiVersion: \(Self.version), args: [x],
              env: [{name: A, value: b}], provideClusterInfo: true, interactiveMode: IfAvailable}}}]
            """
        let file = folder.appending(path: "config")
        try config.write(to: file, atomically: true, encoding: .utf8)
        let connection = try KubeconfigConnection(Kubeconfig(paths: [file.path]), environment: environment)
        #expect(try await connection.access.current().authorization == "Bearer t")
    }
}
