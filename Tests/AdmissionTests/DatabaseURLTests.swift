import Admission
import Kubernetes
import Testing

struct DatabaseURLTests {
    private func rewritten(_ url: String) throws -> String? {
        let connection = Samples.connection("clinic", "listen: {env: {url: URL}}")
        var pod = Samples.pod()
        pod["spec", "containers"] = [["name": "api", "env": [["name": "URL", "value": .string(url)]]]]
        return try Samples.injected(pod, [connection]).pod["spec", "containers"]?.named("api")?.variables[
            "URL"]
    }

    @Test(arguments: [
        ("postgres://app:s3@db.internal:5432/clinic", "postgres://app@127.0.0.1:15432/clinic"),
        (
            "postgresql+asyncpg://app@db/clinic?x=1&y=2",
            "postgresql+asyncpg://app@127.0.0.1:15432/clinic?x=1&y=2"
        ),
        ("postgres://db", "postgres://127.0.0.1:15432"),
        ("postgres://a:b@c:1,d:2/x", "postgres://a@127.0.0.1:15432/x"),
        ("postgres://app:p%40w@[2001:db8::1]:5432/x", "postgres://app@127.0.0.1:15432/x"),
        ("postgres://a:p@ss@h/x", "postgres://a@127.0.0.1:15432/x"),
        ("postgres://$(PGUSER):$(PGPASSWORD)@$(PGHOST)/x", "postgres://$(PGUSER)@127.0.0.1:15432/x"),
        ("jdbc:postgresql://db:5432/x?user=a&password=b", "jdbc:postgresql://127.0.0.1:15432/x?user=a"),
        (
            "postgres://h/x?sslmode=verify-full&sslrootcert=/ca",
            "postgres://127.0.0.1:15432/x?sslmode=disable"
        ),
        ("postgres:///x?host=/run/pg&HOST=other", "postgres://127.0.0.1:15432/x"),
        ("postgres://h/x?a=1#frag", "postgres://127.0.0.1:15432/x?a=1#frag"),
    ])
    func `a URL keeps user, database and parameters, and neither password nor host`(
        url: String, expected: String
    ) throws {
        #expect(try rewritten(url) == expected)
        #expect(try rewritten(expected) == expected)
    }

    @Test(arguments: [
        "host=db password=x dbname=clinic", "app:secret@tcp(db:3306)/clinic", "postgres://a:p/w@h/x",
        "postgres://a:p?w@h/x", "postgres://a:p@s/w@h/x", "postgres://a:p#w@h", "://x", "1://x", "$(OTHER)",
    ])
    func `what is no plain URL is replaced whole, with whatever it held`(text: String) throws {
        #expect(try rewritten(text) == "postgresql://127.0.0.1:15432/clinic")
    }

    @Test func `a database's name is encoded`() throws {
        let connection = Samples.bound(
            """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: clinic, namespace: clinic}
            spec:
              protocol: postgres
              upstream: {host: db, database: "a/b é"}
              credentials: {type: SecretRef, secretRef: {name: clinic-db}}
              podSelector: {matchLabels: {app: clinic-api}}
              listen: {env: {url: URL}}
            """)
        let (pod, _) = try Samples.injected(Samples.pod(), [connection])
        #expect(
            pod["spec", "containers"]?.named("api")?.variables["URL"]
                == "postgresql://127.0.0.1:15432/a%2Fb%20%C3%A9")
    }
}
