import Foundation
import Kubernetes
import Testing

@testable import KubernetesClient

struct KubeconfigTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @discardableResult
    func write(_ text: String, _ file: String = "config") throws -> String {
        let url = folder.appending(path: file)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path
    }

    /// A file of one cluster, user and context, whose fields are these.
    func config(cluster: String = "", user: String = "{}", context: String = "") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        clusters:
        - name: k
          cluster: {server: "https://k.test:6443/base", \(cluster)}
        users:
        - name: u
          user: \(user)
        contexts:
        - name: c
          context: {cluster: k, user: u, \(context)}
        """
    }

    func connection(
        _ paths: [String], context: String? = nil, environment: [String: String] = [:]
    ) throws -> KubeconfigConnection {
        try KubeconfigConnection(Kubeconfig(paths: paths), context: context, environment: environment)
    }

    @Test func `a context names a cluster, a user and a namespace`() async throws {
        let data = Data("CA".utf8).base64EncodedString()
        let path = try write(
            config(
                cluster:
                    "certificate-authority-data: \(data), tls-server-name: kubernetes, proxy-url: 'http://p:3128'",
                user: "{token: abc}", context: "namespace: clinic"))
        let connection = try connection([path])
        #expect(connection.namespace == "clinic")
        #expect(connection.cluster.host == "k.test" && connection.cluster.port == 6443)
        #expect(connection.cluster.proxy == "http://p:3128")
        #expect(connection.cluster.url(of: .version) == "https://kubernetes:6443/base/version")
        #expect(connection.cluster.connectTo == "kubernetes:6443:k.test:6443")
        #expect(
            try await connection.access.current()
                == Access(authorization: "Bearer abc", trust: .authorities(Array("CA".utf8))))
    }

    @Test func `files are put together, and the first of a name counts`() async throws {
        let first = try write(
            """
            current-context: ""
            users: [{name: u, user: {token: first}}]
            contexts: [{name: other, context: {cluster: k, user: u}}]
            """, "first")
        let second = try write(config(user: "{token: second}"), "second")
        let missing = folder.appending(path: "missing").path
        for (context, namespace) in [(nil, "default"), ("other", "default")] as [(String?, String)] {
            let connection = try connection([missing, first, second], context: context)
            #expect(try await connection.access.current().authorization == "Bearer first")
            #expect(connection.namespace == namespace)
        }
        #expect(throws: ConfigurationError.self) { try connection([missing]) }
        #expect(throws: ConfigurationError.self) { try connection([first]) }
        #expect(throws: ConfigurationError.self) { try connection([second], context: "absent") }
    }

    @Test func `the environment says which files`() {
        #expect(Kubeconfig.paths(environment: ["KUBECONFIG": "/a::/b", "HOME": "/h"]) == ["/a", "/b"])
        #expect(Kubeconfig.paths(environment: ["HOME": "/h"]) == ["/h/.kube/config"])
        #expect(Kubeconfig.paths(environment: [:]).isEmpty)
    }

    @Test func `paths are relative to their file, and data goes before files`() async throws {
        try write("authority", "sub/ca.pem")
        try write("certificate", "sub/c.pem")
        try write("key", "sub/k.pem")
        try write("token\n", "sub/token")
        let path = try write(
            config(
                cluster: "certificate-authority: ca.pem",
                user: "{client-certificate: c.pem, client-key: ./k.pem, token: old, tokenFile: token}"),
            "sub/config")
        #expect(
            try await connection([path]).access.current()
                == Access(
                    authorization: "Bearer token",
                    identity: ClientIdentity(certificates: Array("certificate".utf8), key: Array("key".utf8)),
                    trust: .authorities(Array("authority".utf8))))
        let data = Data("data".utf8).base64EncodedString()
        let both = try write(
            config(
                cluster: "certificate-authority: absent.pem, certificate-authority-data: \(data)",
                user: "{client-certificate: absent, client-certificate-data: \(data), client-key: ./k.pem}"),
            "sub/both")
        #expect(
            try await connection([both]).access.current()
                == Access(
                    identity: ClientIdentity(certificates: Array("data".utf8), key: Array("key".utf8)),
                    trust: .authorities(Array("data".utf8))))
    }

    @Test func `a missing authority is the system's, or an error, and never nobody`() async throws {
        #expect(try await connection([write(config())]).access.current().trust == .system)
        #expect(
            try await connection([write(config(cluster: "certificate-authority-data: ''"))]).access.current()
                .trust
                == .system)
        #expect(
            try await connection([write(config(cluster: "insecure-skip-tls-verify: false"))]).access.current()
                .trust
                == .system)
        #expect(
            try await connection([write(config(cluster: "insecure-skip-tls-verify: true"))]).access.current()
                .trust
                == .anybody)
    }

    @Test(arguments: [
        ("certificate-authority: absent.pem", "{}"), ("certificate-authority-data: '!'", "{}"),
        ("insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "{}"),
        ("insecure-skip-tls-verify: 'yes'", "{}"), ("tls-server-name: 'a b'", "{}"),
        ("proxy-url: 'ftp://p'", "{}"),
        ("", "{client-certificate-data: QQ==}"), ("", "{client-key-data: QQ==}"), ("", "{tokenFile: absent}"),
        ("", "{token: \"a\\nb\"}"), ("", "{token: 123}"), ("", "{auth-provider: {name: gcp}}"),
        ("", "{as-groups: [g]}"), ("", "{exec: {}}"), ("", "{exec: {command: x}}"),
        ("", "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
        ("", "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}"),
        ("", "&a {token: x}"),
    ])
    func `what cannot be used as it is meant is an error`(cluster: String, user: String) throws {
        let path = try write(config(cluster: cluster, user: user))
        #expect(throws: ConfigurationError.self) { try connection([path]) }
    }

    @Test(arguments: [
        "https://k:0", "https://k:65536", "https://:1", "https://a b", "https://u@k", "https://[::1",
        "https://::1",
        "ftp://k", "https://k?x", "http://k.test", "https://k:1:2x",
    ])
    func `a server is a URL by HTTPS`(server: String) {
        #expect(throws: ConfigurationError.self) { try ClusterAddress(server) }
    }

    @Test func `a server may be this machine without encryption, an address, or have a path`() throws {
        #expect(
            try ClusterAddress("http://127.0.0.1:8001").url(of: .version) == "http://127.0.0.1:8001/version")
        #expect(try ClusterAddress("https://[fd00::1]").url(of: .version) == "https://[fd00::1]:443/version")
        #expect(try ClusterAddress("k.test:6443").url(of: .version) == "https://k.test:6443/version")
        #expect(
            try ClusterAddress("https://k/clusters/c-1/").url(of: .version)
                == "https://k:443/clusters/c-1/version")
    }

    @Test func `somebody else may be acted as`() throws {
        let path = try write(
            config(
                user: "{token: x, as: ann, as-uid: '7', as-groups: [a, b], as-user-extra: {Sc/ope: [r, w]}}"))
        #expect(
            try connection([path]).cluster.impersonation.map { "\($0.name): \($0.value)" } == [
                "Impersonate-User: ann", "Impersonate-Uid: 7", "Impersonate-Group: a", "Impersonate-Group: b",
                "Impersonate-Extra-sc%2Fope: r", "Impersonate-Extra-sc%2Fope: w",
            ])
        let hostile = try write(config(user: "{as: \"ann\\r\\nX: y\"}"))
        #expect(throws: ConfigurationError.self) { try connection([hostile]) }
    }

    @Test func `a name and a password are sent as they always were`() async throws {
        let path = try write(config(user: "{username: ann, password: secret}"))
        #expect(try await connection([path]).access.current().authorization == "Basic YW5uOnNlY3JldA==")
    }

    @Test(arguments: [
        "- 1", "{clusters: 7}", "{clusters: [{cluster: {}}]}", "{",
        "{contexts: [{name: c, context: 1}], current-context: c}",
    ])
    func `what is no kubeconfig is an error`(text: String) throws {
        let path = try write(text)
        #expect(throws: ConfigurationError.self) { try connection([path]) }
    }

    @Test func `any bytes are a kubeconfig or an error`() throws {
        var generator = SystemRandomNumberGenerator()
        let text = Array(config(cluster: "tls-server-name: k", user: "{exec: {command: x, args: [a]}}").utf8)
        for _ in 0..<500 {
            var mutated = text
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                mutated[Int.random(in: mutated.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            let path = folder.appending(path: "mutated").path
            try Data(mutated).write(to: URL(filePath: path))
            do { _ = try connection([path]) } catch is ConfigurationError {}
        }
    }
}
