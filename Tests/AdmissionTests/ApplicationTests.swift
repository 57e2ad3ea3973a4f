import Admission
import Kubernetes
import Testing

/// What becomes of the application's own containers.
struct ApplicationTests {
    private static let pointing = Samples.connection(
        "clinic", "listen: {env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}, containers: [api]}")

    private func api(_ env: String, _ connections: [BoundConnection] = [pointing]) throws -> (
        container: JSON, warnings: [String]
    ) {
        let pod = Samples.pod(containers: #"[{"name": "api", "image": "i", "env": \#(env)}]"#)
        let (result, injection) = try Samples.injected(pod, connections)
        return (try #require(result["spec", "containers"]?.named("api")), injection.warnings)
    }

    @Test func `variables that exist are pointed at the gateway where they stand`() throws {
        let (container, _) = try api(
            """
            [{"name": "LEVEL", "value": "x"}, {"name": "PGHOST", "value": "db.internal"},
             {"name": "PGPORT", "value": "5432"},
             {"name": "DATABASE_URL", "value": "postgres://app:secret@db.internal/clinic?application_name=api"}]
            """)
        #expect(
            container["env"]
                == Samples.json(
                    """
                    [{"name": "LEVEL", "value": "x"}, {"name": "PGHOST", "value": "127.0.0.1"},
                     {"name": "PGPORT", "value": "15432"},
                     {"name": "DATABASE_URL", "value": "postgres://app@127.0.0.1:15432/clinic?application_name=api"}]
                    """))
    }

    @Test func `variables that are missing come first`() throws {
        let (container, _) = try api(#"[{"name": "URL", "value": "postgres://$(PGHOST)/x"}]"#)
        #expect(container["env"]?.names == ["PGHOST", "PGPORT", "DATABASE_URL", "URL"])
        #expect(container.variables["DATABASE_URL"] == "postgresql://127.0.0.1:15432/clinic")
        #expect(container.variables["URL"] == "postgres://$(PGHOST)/x")
    }

    @Test func `a reference to a secret gives way to an address without one`() throws {
        let (container, _) = try api(
            """
            [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "old", "key": "url"}}, "x": 1}]
            """)
        #expect(
            container["env"]?.named("DATABASE_URL")
                == ["name": "DATABASE_URL", "value": "postgresql://127.0.0.1:15432/clinic", "x": 1])
    }

    @Test func `a container that reads the credential itself is told of`() throws {
        let (_, warnings) = try api(
            #"[{"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": "clinic-db", "key": "password"}}}]"#
        )
        #expect(
            warnings == ["container api reads the database's credential itself, from Secret clinic-db"])
    }

    @Test func `containers that are not named are left alone`() throws {
        let pod = Samples.pod(
            containers: #"[{"name": "api", "image": "i"}, {"name": "metrics", "image": "m", "env": null}]"#)
        let (result, _) = try Samples.injected(pod, [Self.pointing])
        #expect(
            result["spec", "containers"]?.named("metrics") == ["name": "metrics", "image": "m", "env": .null])
    }

    @Test func `a container that is named and not there is told of`() throws {
        let pod = Samples.pod(containers: #"[{"name": "web", "image": "i"}]"#)
        let injection = try Samples.injected(pod, [Self.pointing]).injection
        #expect(
            injection.warnings == ["DatabaseConnection clinic is for a container api, which is not there"])
    }

    @Test func `of two connections with one variable the first by name has it`() throws {
        let other = Samples.connection("archive", "listen: {port: 15433, env: {host: PGHOST, port: PGPORT}}")
        let (container, warnings) = try api("[]", [Self.pointing, other])
        #expect(container.variables["PGPORT"] == "15433")
        #expect(
            warnings == [
                "variable PGHOST of container api is for DatabaseConnection archive and not for clinic",
                "variable PGPORT of container api is for DatabaseConnection archive and not for clinic",
            ])
    }

    @Test func `a socket's folder is a volume in both containers`() throws {
        let connection = Samples.connection("clinic", "listen: {unixSocketPath: /weir/clinic.sock}")
        let (result, _) = try Samples.injected(Samples.pod(), [connection])
        let mount: JSON = ["name": "weir-sockets-0", "mountPath": "/weir"]
        #expect(result["spec", "containers"]?.named("api")?["volumeMounts"] == [mount])
        let sidecar = try #require(result["spec", "initContainers"]?.named("weir-gateway"))
        #expect(sidecar["volumeMounts"]?.array?.contains(mount) == true)
        #expect(
            result["spec", "volumes"]?.named("weir-sockets-0") == ["name": "weir-sockets-0", "emptyDir": [:]])
    }

    @Test func `a volume of the application's own at that path stays`() throws {
        let connection = Samples.connection("clinic", "listen: {unixSocketPath: /run/pg/}")
        let pod = Samples.pod(
            containers: #"[{"name": "api", "volumeMounts": [{"name": "own", "mountPath": "/run/pg"}]}]"#,
            spec: #"{"volumes": [{"name": "own", "emptyDir": {}}]}"#)
        let (result, injection) = try Samples.injected(pod, [connection])
        #expect(result["spec", "containers"] == pod["spec", "containers"])
        #expect(
            injection.warnings == [
                "container api mounts another volume at /run/pg, where the gateway's sockets are"
            ])
    }

    @Test(arguments: ["/clinic.sock", "/etc/pg/clinic.sock", "/var/run/secrets/weir.dev/"])
    func `no volume hides what a container needs`(path: String) throws {
        let connection = Samples.connection("clinic", "listen: {unixSocketPath: \(path)}")
        let injection = try Samples.injected(Samples.pod(), [connection]).injection
        #expect(injection.connections.isEmpty && injection.patch.isEmpty)
    }
}
